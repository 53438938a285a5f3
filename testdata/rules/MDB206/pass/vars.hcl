stage = "y"
