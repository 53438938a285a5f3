-- name: AddUser :exec
INSERT INTO tbl_user (g_user, name) VALUES (?, ?);

-- name: AddOrder :execresult
INSERT INTO tbl_order (g_user, number, item, cents) VALUES (?, ?, ?, ?);

-- name: ListOrders :many
SELECT * FROM tbl_order WHERE g_user = ? ORDER BY number;

-- name: UserWithTotal :one
SELECT u.name, COUNT(*) AS orders, CAST(SUM(o.cents) AS SIGNED) AS cents
FROM tbl_user u
JOIN tbl_order o ON o.g_user = u.g_user
WHERE u.g_user = ?
GROUP BY u.name;
