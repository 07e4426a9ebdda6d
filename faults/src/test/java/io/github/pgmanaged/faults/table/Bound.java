package io.github.pgmanaged.faults.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.faults.programs.Sql;
import io.github.pgmanaged.faults.proxy.FaultProxy;
import io.github.pgmanaged.faults.proxy.Trouble;
import java.sql.SQLException;
import java.time.Duration;

/** For how long a thread is held up by a line through which nothing passes any more, while other lines are sound. */
enum Bound {
    IDLE_4("`acquire`, the idle session frozen, `acquireTimeout` 4 s", "half of it", Duration.ofSeconds(2)) {
        @Override
        Duration play(Stage stage) throws Exception {
            return stage.replaced(Duration.ofSeconds(4));
        }
    },
    IDLE_6("`acquire`, the idle session frozen, `acquireTimeout` 6 s", "half of it", Duration.ofSeconds(3)) {
        @Override
        Duration play(Stage stage) throws Exception {
            return stage.replaced(Duration.ofSeconds(6));
        }
    },
    IDLE_30("`acquire`, the idle session frozen, `acquireTimeout` 30 s", "5 s", Duration.ofSeconds(5)) {
        @Override
        Duration play(Stage stage) throws Exception {
            return stage.replaced(Duration.ofSeconds(30));
        }
    },
    RELEASE("release with a transaction open, `releaseTimeout` 3 s", "`releaseTimeout`", Duration.ofSeconds(3)) {
        @Override
        Duration play(Stage stage) throws Exception {
            return stage.released(Duration.ofSeconds(3), lease -> Sql.execute(lease, "SELECT 1"));
        }
    },
    RESTORE("release with settings to restore, `releaseTimeout` 3 s", "`releaseTimeout`", Duration.ofSeconds(3)) {
        @Override
        Duration play(Stage stage) throws Exception {
            return stage.released(Duration.ofSeconds(3), lease -> {
                lease.setSchema("pg_catalog");
                lease.commit();
            });
        }
    },
    WRITE(
            "a holder stuck in a write, `maxLease` 2 s, `releaseTimeout` 400 ms",
            "`maxLease` and `releaseTimeout`",
            Duration.ofSeconds(2).plus(Limits.RELEASE_TIMEOUT)) {
        @Override
        Duration play(Stage stage) throws Exception {
            return stage.revoked(Duration.ofSeconds(2));
        }
    };

    private final String text;
    private final String bound;
    private final Duration time;

    Bound(String text, String bound, Duration time) {
        this.text = text;
        this.bound = bound;
        this.time = time;
    }

    /** Plays it. Returns how long the call took. */
    abstract Duration play(Stage stage) throws Exception;

    String bound() {
        return bound;
    }

    Duration time() {
        return time;
    }

    @Override
    public String toString() {
        return text;
    }

    /** What is done with a lease before its release. */
    private interface Use {
        void of(Lease lease) throws SQLException;
    }

    /** Where a bound is played: a proxy of its own before the server of a world. */
    static final class Stage implements AutoCloseable {
        private final World world;
        private final FaultProxy proxy;

        Stage(World world) throws Exception {
            this.world = world;
            this.proxy = world.proxy();
        }

        private ManagedConnection.Builder builder() throws SQLException {
            return ManagedConnection.builder(proxy.conninfo(World.USER, "postgres"))
                    .releaseTimeout(Limits.RELEASE_TIMEOUT)
                    .validateAfterIdle(Duration.ZERO);
        }

        private static Duration since(long began) {
            return Duration.ofNanos(System.nanoTime() - began);
        }

        private static int pid(ManagedConnection manager) throws SQLException {
            return manager.withConnection(lease -> {
                int pid = Sql.pid(lease);
                lease.commit();
                return pid;
            });
        }

        /** A session that was idle is replaced by another one. */
        Duration replaced(Duration acquireTimeout) throws Exception {
            try (ManagedConnection manager =
                    builder().acquireTimeout(acquireTimeout).build()) {
                int before = pid(manager);
                proxy.strike(Trouble.STALL);
                long began = System.nanoTime();
                try (Lease lease = manager.acquire()) {
                    Duration took = since(began);
                    assertThat(Sql.pid(lease)).isNotEqualTo(before);
                    lease.commit();
                    return took;
                }
            }
        }

        Duration released(Duration releaseTimeout, Use use) throws Exception {
            try (ManagedConnection manager =
                    builder().releaseTimeout(releaseTimeout).build()) {
                Lease lease = manager.acquire();
                use.of(lease);
                proxy.strike(Trouble.STALL);
                long began = System.nanoTime();
                Throwable told = catchThrowable(lease::close);
                Duration took = since(began);
                if (told != null) {
                    assertThat(told).hasMessageContaining("ROLLBACK failed");
                }
                assertThat(pid(manager)).isPositive();
                return took;
            }
        }

        /** From the beginning of the lease to the end of the call. */
        Duration revoked(Duration maxLease) throws Exception {
            try (ManagedConnection manager = builder().maxLease(maxLease).build()) {
                pid(manager);
                long began = System.nanoTime();
                Lease lease = manager.acquire();
                proxy.strike(Trouble.STALL);
                assertThat(catchThrowable(() -> Copying.into(lease, 0))).isInstanceOf(SQLException.class);
                Duration took = since(began);
                assertThatCode(lease::close).doesNotThrowAnyException(); // the call has said it
                assertThat(manager.stats().revoked()).isEqualTo(1);
                assertThat(pid(manager)).isPositive();
                return took;
            }
        }

        @Override
        public void close() throws Exception {
            proxy.close();
            world.awaitSessions("after the end of a manager", 0);
        }
    }
}
