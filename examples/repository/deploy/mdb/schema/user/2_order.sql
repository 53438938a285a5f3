CREATE TABLE tbl_order (
	g_user BINARY(12)   NOT NULL,
	no     INT UNSIGNED NOT NULL,
	placed DATETIME(6)  NOT NULL,
	PRIMARY KEY (g_user, no)
);

CREATE TABLE tbl_order_line (
	g_user BINARY(12)        NOT NULL,
	no     INT UNSIGNED      NOT NULL,
	line   SMALLINT UNSIGNED NOT NULL,
	sku    VARCHAR(64)       NOT NULL,
	cents  BIGINT UNSIGNED   NOT NULL,
	PRIMARY KEY (g_user, no, line)
);
