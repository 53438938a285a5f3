CREATE TABLE tbl_user (
  g_user BINARY(12) NOT NULL PRIMARY KEY,
  name   VARCHAR(100) NOT NULL,
  joined DATETIME NOT NULL DEFAULT '2027-01-01 00:00:00'
) ENGINE=InnoDB;

CREATE TABLE tbl_order (
  g_user BINARY(12) NOT NULL,
  line   INT NOT NULL,
  PRIMARY KEY (g_user, line),
  FOREIGN KEY (g_user) REFERENCES tbl_user (g_user)
) ENGINE=InnoDB;
