package io.github.pgmanaged.cli;

import io.github.pgmanaged.CommitOutcomeUnknownException;
import io.github.pgmanaged.Lease;
import io.github.pgmanaged.LeaseReleasedException;
import io.github.pgmanaged.ManagedConnection;
import java.sql.SQLException;
import java.util.random.RandomGenerator;

/**
 * One thread's use of the shared connection: mostly good turns, of a bad citizen some bad ones, as its random numbers
 * say.
 */
final class Citizen {
    private static final double BAD_TURNS = 0.15;
    private static final Misbehaviour[] MISBEHAVIOURS = Misbehaviour.values();

    private final ManagedConnection manager;
    private final Bank bank;
    private final Ledger ledger;
    private final Conduct conduct;
    private final RandomGenerator random;
    private final boolean bad;

    Citizen(ManagedConnection manager, Bank bank, Ledger ledger, Conduct conduct, RandomGenerator random, boolean bad) {
        this.bad = bad;
        this.manager = manager;
        this.bank = bank;
        this.ledger = ledger;
        this.conduct = conduct;
        this.random = random;
    }

    void takeTurn() {
        if (bad && random.nextDouble() < BAD_TURNS) {
            takeBadTurn(MISBEHAVIOURS[random.nextInt(MISBEHAVIOURS.length)]);
        } else {
            takeGoodTurn();
        }
    }

    /**
     * Commits, by the one style or the other.
     *
     * @return whether the commit was acknowledged
     */
    boolean takeGoodTurn() {
        Turn turn = newTurn();
        Ledger.Outcome outcome = Ledger.Outcome.ABANDONED; // whatever is thrown but "unknown": it is not committed
        try {
            if (random.nextBoolean()) {
                turn.useTransaction(turn::move);
            } else {
                try (Lease lease = turn.acquire()) {
                    turn.move(lease);
                    lease.commit();
                }
            }
            outcome = Ledger.Outcome.ACKNOWLEDGED;
        } catch (CommitOutcomeUnknownException e) {
            outcome = Ledger.Outcome.UNKNOWN;
            conduct.lostSession();
        } catch (SQLException | RuntimeException e) {
            note(e);
        } finally {
            ledger.enter(turn.transfer(), outcome);
        }
        return outcome == Ledger.Outcome.ACKNOWLEDGED;
    }

    private void takeBadTurn(Misbehaviour kind) {
        Turn turn = newTurn();
        try {
            if (kind.isTold(turn)) {
                conduct.told(kind);
            } else {
                conduct.notTold(kind);
            }
        } catch (SQLException | RuntimeException e) {
            note(e);
        } finally {
            ledger.enter(turn.transfer(), Ledger.Outcome.ABANDONED);
        }
    }

    private Turn newTurn() {
        return new Turn(manager, bank, conduct, ledger.draw(random));
    }

    private void note(Exception e) {
        if (e instanceof SQLException error && !(e instanceof LeaseReleasedException) && LostSession.is(error)) {
            conduct.lostSession();
        } else {
            conduct.surprise(e);
        }
    }
}
