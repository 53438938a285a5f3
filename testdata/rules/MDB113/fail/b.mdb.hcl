
locals{}
