package io.github.pgmanaged.foreign;

import java.util.Optional;
import java.util.concurrent.CancellationException;

/** What code that is not ours may do, instead of what it is for. */
enum Misbehaviour {
    BLOCKS {
        @Override
        void happen(Trap trap) {
            trap.block();
        }
    },
    RETURNS_NULL {
        @Override
        boolean returnsNull() {
            return true;
        }
    },
    THROWS_A_RUNTIME_EXCEPTION {
        @Override
        void happen(Trap trap) {
            throw new IllegalStateException("foreign");
        }
    },
    THROWS_WHAT_A_FUTURE_THROWS {
        @Override
        void happen(Trap trap) {
            throw new CancellationException("foreign");
        }
    },
    THROWS_AN_ERROR_OF_ITS_OWN {
        @Override
        void happen(Trap trap) {
            throw new OwnError();
        }
    },
    THROWS_STACK_OVERFLOW {
        @Override
        void happen(Trap trap) {
            throw new StackOverflowError("foreign");
        }
    },
    THROWS_OUT_OF_MEMORY {
        @Override
        void happen(Trap trap) {
            throw new OutOfMemoryError("foreign");
        }
    },
    THROWS_A_CHECKED_EXCEPTION_THAT_IT_DOES_NOT_DECLARE {
        @Override
        void happen(Trap trap) {
            throw Trap.sneaky(new Exception("foreign"));
        }
    },
    THROWS_INTERRUPTED {
        @Override
        void happen(Trap trap) {
            throw Trap.sneaky(new InterruptedException("foreign"));
        }
    },
    ACQUIRES {
        @Override
        void happen(Trap trap) throws Exception {
            trap.manager().acquire().close();
        }
    },
    TRIES_TO_ACQUIRE {
        @Override
        void happen(Trap trap) throws Exception {
            Optional.ofNullable(trap.manager().tryAcquire().orElse(null)).ifPresent(lease -> {
                try {
                    lease.close();
                } catch (Exception e) {
                    throw Trap.sneaky(e);
                }
            });
        }
    },
    RESETS {
        @Override
        void happen(Trap trap) {
            trap.manager().reset();
        }
    },
    LOOKS {
        @Override
        void happen(Trap trap) {
            trap.lookAround();
        }
    },
    CLOSES {
        @Override
        void happen(Trap trap) {
            trap.manager().close();
        }
    };

    void happen(Trap trap) throws Exception {}

    boolean returnsNull() {
        return false;
    }

    /** An Error that nobody knows. */
    static final class OwnError extends Error {
        private static final long serialVersionUID = 1L;
    }
}
