INSERT INTO orders VALUES (1, 'a book');
