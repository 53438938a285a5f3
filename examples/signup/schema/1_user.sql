CREATE TABLE tbl_user (
  g_user BINARY(12) NOT NULL PRIMARY KEY,
  name VARCHAR(80) NOT NULL,
  email VARCHAR(320) NOT NULL,   -- as it was written, for sending mail
  h_email BINARY(32) NOT NULL,   -- the proof of index "email"
  salt BINARY(16) NOT NULL,
  secret BINARY(32) NOT NULL     -- of the password
) ENGINE=InnoDB;
