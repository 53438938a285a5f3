CREATE TABLE tbl_user (
	g_user BINARY(12)   NOT NULL,
	name   VARCHAR(200) NOT NULL,
	email  VARCHAR(320) NOT NULL,
	PRIMARY KEY (g_user)
);

CREATE TABLE tbl_address (
	g_user BINARY(12)        NOT NULL,
	no     SMALLINT UNSIGNED NOT NULL,
	text   VARCHAR(1000)     NOT NULL,
	PRIMARY KEY (g_user, no)
);
