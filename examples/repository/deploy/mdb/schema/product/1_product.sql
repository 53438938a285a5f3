CREATE TABLE tbl_product (
	g_product BINARY(12)      NOT NULL,
	sku       VARCHAR(64)     NOT NULL,
	title     VARCHAR(200)    NOT NULL,
	cents     BIGINT UNSIGNED NOT NULL,
	PRIMARY KEY (g_product)
);
