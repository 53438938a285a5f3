CREATE TABLE tbl_user (
  g_user BINARY(12) NOT NULL,
  name   VARCHAR(255) NOT NULL,
  PRIMARY KEY (g_user)
) ENGINE=InnoDB;

CREATE TABLE tbl_address (
  g_user BINARY(12) NOT NULL,
  kind   VARCHAR(32) NOT NULL,
  text   VARCHAR(1024) NOT NULL,
  PRIMARY KEY (g_user, kind)
) ENGINE=InnoDB;
