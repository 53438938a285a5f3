CREATE TABLE tbl_user (
  g_user BINARY(12)  NOT NULL,
  name   VARCHAR(64) NOT NULL,
  PRIMARY KEY (g_user)
) ENGINE=InnoDB;

CREATE TABLE tbl_order (
  g_user BINARY(12)   NOT NULL,
  number INT UNSIGNED NOT NULL, -- counts per user
  item   VARCHAR(64)  NOT NULL,
  cents  INT UNSIGNED NOT NULL,
  PRIMARY KEY (g_user, number)
) ENGINE=InnoDB;
