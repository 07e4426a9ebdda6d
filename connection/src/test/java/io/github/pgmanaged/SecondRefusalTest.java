package io.github.pgmanaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What a thread reads that acquires twice is true of each refusal, and so is the root cause, which may be all it reads.
 */
class SecondRefusalTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private final ManagedConnection manager = DB.manager();

    private Throwable refusal() {
        return catchThrowable(manager::acquire);
    }

    private Lease leaseOfHere() throws SQLException {
        return manager.acquire();
    }

    @Test
    void of_the_first_lease_no_place_is_known_however_often_it_is_asked_for() throws SQLException {
        try (Lease lease = manager.acquire()) {
            assertThat(refusal())
                    .hasMessageContaining("From now on, the place where a lease is acquired is recorded.")
                    .hasNoCause();
            for (int i = 0; i < 2; i++) {
                assertThat(refusal())
                        .hasMessageNotContaining("From now on")
                        .hasMessageContaining(
                                "Where this lease was acquired is not known: it began before that was recorded.")
                        .hasNoCause();
            }
            assertThat(lease.isClosed()).isFalse();
        }
    }

    @Test
    void the_root_cause_of_each_further_refusal_says_which_lease_it_is_and_begins_where_that_was_acquired()
            throws SQLException {
        try (Lease lease = manager.acquire()) {
            assertThat(refusal()).hasNoCause();
            assertThat(lease.isClosed()).isFalse();
        }
        Throwable before = null;
        for (int i = 0; i < 3; i++) {
            try (Lease lease = leaseOfHere()) {
                for (int again = 0; again < 2; again++) {
                    Throwable refused = refusal();
                    assertThat(refused)
                            .isInstanceOf(ReentrantAcquireException.class)
                            .hasMessageContaining(" ms ago at " + getClass().getName() + ".leaseOfHere(")
                            .hasMessageNotContaining("not known")
                            .hasMessageNotContaining("From now on");
                    Throwable root = refused.getCause();
                    assertThat(root)
                            .hasMessageFindingMatch("^Thread \""
                                    + Thread.currentThread().getName()
                                    + "\" acquired the lease of ManagedConnection\\[.*\\] here, [0-9]+ ms before a"
                                    + " second one was refused$")
                            .hasNoCause()
                            .isNotSameAs(before);
                    assertThat(root.getStackTrace()[0].getMethodName()).isEqualTo("leaseOfHere");
                    before = root;
                }
                assertThat(lease.isClosed()).isFalse();
            }
        }
    }
}
