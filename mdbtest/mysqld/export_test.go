package mysqld

// FindIn is Find with directories of the test's choice.
var FindIn = findIn
