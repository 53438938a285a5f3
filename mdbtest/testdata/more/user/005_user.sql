CREATE TABLE note_user (id INT PRIMARY KEY, note INT NOT NULL, FOREIGN KEY (note) REFERENCES note_all (id));
CREATE VIEW view_user AS SELECT id FROM note_user;
