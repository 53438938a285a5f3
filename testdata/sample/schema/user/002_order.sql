CREATE TABLE tbl_order (
  g_user  BINARY(12) NOT NULL,
  g_order BINARY(12) NOT NULL,
  placed  DATETIME(6) NOT NULL,
  PRIMARY KEY (g_user, g_order)
) ENGINE=InnoDB;

CREATE TABLE tbl_order_line (
  g_user  BINARY(12) NOT NULL,
  g_order BINARY(12) NOT NULL,
  line    INT UNSIGNED NOT NULL,
  article VARCHAR(64) NOT NULL,
  PRIMARY KEY (g_user, g_order, line)
) ENGINE=InnoDB;
