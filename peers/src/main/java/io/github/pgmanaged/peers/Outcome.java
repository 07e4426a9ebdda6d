package io.github.pgmanaged.peers;

import static io.github.pgmanaged.peers.Verdict.BAD;
import static io.github.pgmanaged.peers.Verdict.GOOD;
import static io.github.pgmanaged.peers.Verdict.MIXED;

/**
 * All that can come of a scenario, and what it is worth. This is the only place where anything is judged, and it knows
 * of no peer.
 */
public enum Outcome {
    ROLLED_BACK_AND_TOLD(GOOD, "rolled back, and the caller that left it open got an exception"),
    ROLLED_BACK_SILENTLY(MIXED, "rolled back without an exception, and the work is lost"),
    ROLLED_BACK_NOTHING_LOST(GOOD, "rolled back without an exception, and no work is lost"),
    COMMITTED(BAD, "committed without a COMMIT"),
    HANDED_ON(BAD, "the next borrower was inside the transaction"),
    LEFT_PREPARED(GOOD, "left to the transaction manager, as PREPARE TRANSACTION promises"),

    TOLD(GOOD, "the caller got an exception"),
    NOT_TOLD(BAD, "the caller got no exception, and assumes the wrong outcome"),

    REFUSED(GOOD, "refused by an exception"),
    STILL_ALIVE(MIXED, "it still worked, though not on the next borrower's session"),
    REACHED_THE_NEXT(BAD, "it worked, on the session that belonged to the next borrower"),
    HARMLESS(GOOD, "the next borrower noticed nothing"),
    STRUCK_THE_NEXT(BAD, "it struck the next borrower"),

    CLEAN(GOOD, "the next borrower found it as it is on a new session"),
    LEAKED(BAD, "the next borrower found what the one before had left"),

    UNNOTICED(GOOD, "the next borrower worked on a new session"),
    SOME_FAILED(MIXED, "the next borrower failed; one that came later worked"),
    NEVER_AGAIN(BAD, "the next borrowers failed, one after the other"),

    FAILED_IN_TIME(MIXED, "the next borrower failed within ten seconds"),
    CANCELLED(GOOD, "the query was cancelled before the next borrower got in"),
    WAITED_FOR_THE_QUERY(MIXED, "the query ran to its end before the next borrower got in"),
    HANDED_ON_RUNNING(BAD, "the next borrower's session was running another thread's query"),

    IN_TIME(GOOD, "it came back within ten seconds"),
    BLOCKED(BAD, "it did not come back within ten seconds"),
    DEAD_CONNECTION(BAD, "the next borrower got a connection that does not answer"),

    EXCLUSIVE(GOOD, "the second thread waited"),
    SHARED(BAD, "two threads had the same session at the same time"),
    TAKEN_AWAY(BAD, "the connection was taken away from its holder"),
    TOLD_AT_ONCE(GOOD, "failed at once"),
    WAITED_FOR_ITSELF(MIXED, "it waited for itself until the timeout"),
    WAITED_FOR_EVER(BAD, "it waited without a timeout"),
    TAKEN_BACK(GOOD, "the next thread got in within ten seconds"),
    LOST(BAD, "no thread got in for ten seconds"),
    INTERRUPTED(GOOD, "the wait ended, and the thread's interrupt flag was kept"),
    FLAG_LOST(MIXED, "the wait ended, and the thread's interrupt flag was lost"),
    NOT_INTERRUPTED(BAD, "the wait went on"),
    IN_ORDER(GOOD, "served in order of arrival"),
    OUT_OF_ORDER(MIXED, "served in another order"),
    NAMED(GOOD, "the exception names the holder's thread"),
    NOT_NAMED(MIXED, "the exception does not name the holder"),

    KEPT(GOOD, "the session was kept"),
    REPLACED(MIXED, "a usable session was closed"),

    SILENT(GOOD, "the password did not appear"),
    DRIVER_WROTE_IT(MIXED, "the driver logged the password, since its caller passed it the URL"),
    PASSWORD_SHOWN(BAD, "the password appeared in plain text"),

    SOMETHING_ELSE(BAD, "something else went wrong");

    private final Verdict verdict;
    private final String meaning;

    Outcome(Verdict verdict, String meaning) {
        this.verdict = verdict;
        this.meaning = meaning;
    }

    /**
     * The judgement, for every peer the same.
     *
     * @return what it is worth
     */
    public Verdict verdict() {
        return verdict;
    }

    /**
     * In plain words.
     *
     * @return what happened
     */
    public String meaning() {
        return meaning;
    }

    /**
     * With what was seen.
     *
     * @param evidence one line that is the same in each run
     * @return the observation
     */
    public Observation because(String evidence) {
        return new Observation(this, evidence);
    }
}
