CREATE TABLE orders (id int PRIMARY KEY, item varchar);
