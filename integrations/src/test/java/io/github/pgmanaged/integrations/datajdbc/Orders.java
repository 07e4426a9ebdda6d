package io.github.pgmanaged.integrations.datajdbc;

import java.util.List;
import java.util.stream.Stream;
import org.springframework.data.repository.ListCrudRepository;

interface Orders extends ListCrudRepository<Order, Long> {
    List<Order> findByItem(String item);

    Stream<Order> streamByItem(String item);
}
