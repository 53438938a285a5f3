mdb {}
