package io.github.pgmanaged.faults.table;

import io.github.pgmanaged.faults.proxy.Message;
import io.github.pgmanaged.faults.proxy.Moment;
import java.util.Locale;
import java.util.Optional;

/** Where in a lease's life a fault comes. */
@SuppressWarnings("ImmutableEnumChecker") // its moment has no state
enum Phase {
    /** A thread waits for the lease while its holder is in a transaction. */
    WAITING(null),
    /** The client's first message; over TLS it asks for TLS. */
    OPENING(Moment.before(Message.startup())),
    /** When the server has consented to TLS. */
    HANDSHAKE(Moment.after(Message.consent())),
    VALIDATING(Moment.before(Message.running(""))),
    FIRST_STATEMENT(Moment.before(Message.running(""))),
    /** At a fetch from its cursor. */
    IN_A_RESULT_SET(Moment.before(Message.running(""))),
    /** In the midst of a COPY of more than the buffers on the way can take. */
    WRITING(Moment.before(Message.copying())),
    BEFORE_COMMIT(null),
    /** The server has got it, and its answer is on the way. */
    DURING_COMMIT(Moment.after(Message.running("COMMIT"))),
    /** The same with {@code verifyCommits}. */
    DURING_VERIFIED_COMMIT(Moment.after(Message.running("COMMIT"))),
    ROLLBACK_AT_RELEASE(Moment.before(Message.running("ROLLBACK"))),
    RESTORE_AT_RELEASE(Moment.before(Message.running(""))),
    /** What {@code sessionReset(FULL)} does. */
    FULL_RESET_AT_RELEASE(Moment.before(Message.running("CLOSE ALL"))),
    /** The manager is closed while a holder is in a transaction. */
    CLOSING(null);

    /** In an opening, when the server has a process for it. */
    private static final Moment OPENING_WITH_BACKEND = Moment.before(Message.statement());

    /** By the driver's word, or by the last one of the server. */
    private static final String LOST = "08006|57P0.";

    private final Moment moment;

    Phase(Moment moment) {
        this.moment = moment;
    }

    /** When a fault comes; empty: between two calls. */
    Optional<Moment> moment(Fault fault) {
        if (this == OPENING && fault.needsBackend()) {
            return Optional.of(OPENING_WITH_BACKEND);
        }
        boolean within = !fault.dawdles() || opens() || commits();
        return within ? Optional.ofNullable(moment) : Optional.empty();
    }

    /** Whether there is this phase: in a handshake there is no session yet, and only the line can fail. */
    boolean exists(Fault fault, Transport transport) {
        return this != HANDSHAKE || (transport == Transport.TLS && fault.isOfTheLineOrNone());
    }

    /** Whether there is no session yet. */
    boolean opens() {
        return this == OPENING || this == HANDSHAKE;
    }

    boolean commits() {
        return this == DURING_COMMIT || this == DURING_VERIFIED_COMMIT;
    }

    /** What the thread is told if nothing is wrong. */
    String normal() {
        return switch (this) {
            case ROLLBACK_AT_RELEASE -> "25000";
            case CLOSING -> "08003";
            default -> "done";
        };
    }

    /** What the thread is told if the session is lost: a pattern. */
    String toldOfLoss(Fault fault) {
        return switch (this) {
            case WAITING -> "holder 08007, then done";
            case OPENING, HANDSHAKE, VALIDATING, RESTORE_AT_RELEASE, FULL_RESET_AT_RELEASE -> "done";
            case FIRST_STATEMENT, IN_A_RESULT_SET, ROLLBACK_AT_RELEASE -> LOST;
            // A lease may be revoked in a call of the COPY, or between two of them.
            case WRITING -> fault.isSilence() ? LOST + "|08003" : LOST;
            case BEFORE_COMMIT -> "08007";
            // A process of the server may have answered before it ended.
            case DURING_COMMIT -> fault.isOfTheLine() ? "08007" : "08007|done";
            case DURING_VERIFIED_COMMIT -> toldOfVerified(fault);
            case CLOSING -> normal();
        };
    }

    private static String toldOfVerified(Fault fault) {
        if (fault.isOfTheLine()) {
            return "done";
        }
        // After a crash only "rolled back" is to be believed.
        return fault.isCrash() ? "done|40000|08007" : "done|40000";
    }

    /** The same, if there is no other session to be had: a pattern. */
    String toldOfLossForGood(Fault fault) {
        return switch (this) {
            case WAITING -> "holder 08007, then 08001";
            case OPENING, HANDSHAKE, VALIDATING -> "08001";
            case FIRST_STATEMENT, IN_A_RESULT_SET, WRITING, ROLLBACK_AT_RELEASE -> toldOfLoss(fault);
            case BEFORE_COMMIT, DURING_COMMIT, DURING_VERIFIED_COMMIT -> "08007";
            case RESTORE_AT_RELEASE, FULL_RESET_AT_RELEASE -> "done";
            case CLOSING -> normal();
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
