package io.github.pgmanaged.spring.boot;

import io.github.pgmanaged.*;
import org.springframework.transaction.*;
import org.springframework.transaction.TransactionStatus;

/** The imports that docs/spring-boot.md shows for code that has both libraries: this compiles with them. */
final class DocumentedImports {
    private DocumentedImports() {}

    static boolean isFresh(ManagedConnection manager, PlatformTransactionManager transactions) {
        TransactionStatus status = transactions.getTransaction(null);
        transactions.rollback(status);
        return status.isNewTransaction() && manager.isOpen();
    }
}
