package io.github.pgmanaged.integrations.datajdbc;

import java.util.List;
import org.springframework.data.repository.ListCrudRepository;

interface Orders extends ListCrudRepository<Order, Long> {
    List<Order> findByItem(String item);
}
