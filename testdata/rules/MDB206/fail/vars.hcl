stage = "y"
stgae = "z"
