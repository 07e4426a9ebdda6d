package io.github.pgmanaged.peers;

import static io.github.pgmanaged.peers.Verdict.BAD;
import static io.github.pgmanaged.peers.Verdict.GOOD;
import static io.github.pgmanaged.peers.Verdict.MIXED;

/**
 * All that can come of a scenario, and what it is worth. This is the only place where anything is judged, and it knows
 * of no peer.
 */
public enum Outcome {
    ROLLED_BACK_AND_TOLD(GOOD, "rolled back, and who left it open got an exception"),
    ROLLED_BACK_SILENTLY(MIXED, "rolled back, and nobody was told that the work is lost"),
    ROLLED_BACK_NOTHING_LOST(GOOD, "rolled back; nobody was told, and no work is lost"),
    COMMITTED(BAD, "committed, though nobody said COMMIT"),
    HANDED_ON(BAD, "the next borrower was inside the transaction"),
    LEFT_PREPARED(GOOD, "left to the transaction manager, as PREPARE TRANSACTION promises"),

    TOLD(GOOD, "the caller was told by an exception"),
    NOT_TOLD(BAD, "the caller was told nothing, and believes what is not so"),

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
    CANCELLED(GOOD, "the query was cancelled before anybody else got in"),
    WAITED_FOR_THE_QUERY(MIXED, "the query ran to its end before anybody else got in"),
    HANDED_ON_RUNNING(BAD, "the next borrower's session ran somebody else's query"),

    IN_TIME(GOOD, "it came back within ten seconds"),
    BLOCKED(BAD, "it did not come back within ten seconds"),
    DEAD_CONNECTION(BAD, "a connection was handed out that answers nothing"),

    EXCLUSIVE(GOOD, "the second one waited"),
    SHARED(BAD, "two had the same session at the same time"),
    TAKEN_AWAY(BAD, "the connection was taken away from its holder"),
    TOLD_AT_ONCE(GOOD, "told at once"),
    WAITED_FOR_ITSELF(MIXED, "it waited for itself until the time was over"),
    WAITED_FOR_EVER(BAD, "it waited without an end"),
    TAKEN_BACK(GOOD, "the next one got in within ten seconds"),
    LOST(BAD, "nobody got in for ten seconds"),
    INTERRUPTED(GOOD, "the waiting ended, and the thread's interrupt flag was kept"),
    FLAG_LOST(MIXED, "the waiting ended, and the thread's interrupt flag was lost"),
    NOT_INTERRUPTED(BAD, "the waiting went on"),
    IN_ORDER(GOOD, "served in the order of coming"),
    OUT_OF_ORDER(MIXED, "served in another order"),
    NAMED(GOOD, "the exception names the thread that has the connection"),
    NOT_NAMED(MIXED, "the exception does not say who has the connection"),

    KEPT(GOOD, "the session was kept"),
    REPLACED(MIXED, "a sound session was thrown away"),

    SILENT(GOOD, "the password was not there"),
    DRIVER_WROTE_IT(MIXED, "the driver wrote the password to its own log, as its caller had handed it the URL"),
    PASSWORD_SHOWN(BAD, "the password was there, to be read"),

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
