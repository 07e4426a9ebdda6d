--liquibase formatted sql

--changeset shop:orders
CREATE TABLE orders (id int PRIMARY KEY, item varchar);

--changeset shop:index runInTransaction:false
CREATE INDEX CONCURRENTLY orders_item ON orders (item);
