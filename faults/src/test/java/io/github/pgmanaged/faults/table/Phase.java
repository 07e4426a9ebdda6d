package io.github.pgmanaged.faults.table;

import io.github.pgmanaged.faults.proxy.Message;
import io.github.pgmanaged.faults.proxy.Moment;
import java.util.Locale;
import java.util.Optional;

/** Where in a lease's life a fault comes. */
enum Phase {
    /** A thread waits for the lease while its holder is in a transaction. */
    WAITING(null),
    OPENING(Moment.before(Message.startup())),
    VALIDATING(Moment.before(Message.running(""))),
    FIRST_STATEMENT(Moment.before(Message.running(""))),
    /** At a fetch from its cursor. */
    IN_A_RESULT_SET(Moment.before(Message.running(""))),
    BEFORE_COMMIT(null),
    /** The server has got it, and its answer is on the way. */
    DURING_COMMIT(Moment.after(Message.running("COMMIT"))),
    ROLLBACK_AT_RELEASE(Moment.before(Message.running("ROLLBACK"))),
    RESTORE_AT_RELEASE(Moment.before(Message.running(""))),
    /** The manager is closed while a holder is in a transaction. */
    CLOSING(null);

    /** In an opening, when the server has a process for it. */
    private static final Moment OPENING_WITH_BACKEND = Moment.before(Message.statement());

    private final Moment moment;

    Phase(Moment moment) {
        this.moment = moment;
    }

    /** When a fault comes; empty: between two calls. */
    Optional<Moment> moment(Fault fault) {
        if (this == OPENING && fault.needsBackend()) {
            return Optional.of(OPENING_WITH_BACKEND);
        }
        boolean within = !fault.dawdles() || this == OPENING || this == DURING_COMMIT;
        return within ? Optional.ofNullable(moment) : Optional.empty();
    }

    /** What the thread is told if nothing is wrong. */
    String normal() {
        return switch (this) {
            case ROLLBACK_AT_RELEASE -> "25000";
            case CLOSING -> "08003";
            default -> "done";
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
