package io.github.pgmanaged.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.cli.Ledger.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each check of the proof sees what it is there to see. */
class ProofTest {
    private static final Proof.Sessions SOUND = new Proof.Sessions(2, 1, 0, 0, 0);

    private final Ledger ledger = new Ledger();
    private final Conduct conduct = new Conduct();
    private final List<Transfer> transfers = new ArrayList<>();
    private final Map<Integer, Long> balances = new TreeMap<>();
    private Transfer acknowledged;
    private Transfer abandoned;
    private Transfer unknown;

    @BeforeEach
    void threeTransfersOfWhichOneIsAcknowledged() {
        for (int account = 0; account < Bank.ACCOUNTS; account++) {
            balances.put(account, Bank.OPENING_BALANCE);
        }
        acknowledged = enter(Outcome.ACKNOWLEDGED);
        abandoned = enter(Outcome.ABANDONED);
        unknown = enter(Outcome.UNKNOWN);
        store(acknowledged);
    }

    @Test
    void soundBooksHoldWhetherTheUnknownOneIsThereOrNot() {
        assertThat(failures(SOUND)).isEmpty();
        store(unknown);
        assertThat(failures(SOUND)).isEmpty();
    }

    @Test
    void anAcknowledgedCommitThatIsLostFails() {
        transfers.clear();
        balances.replaceAll((account, balance) -> Bank.OPENING_BALANCE);
        assertThat(failures(SOUND)).containsExactly("every acknowledged commit is there, exactly once");
    }

    @Test
    void anAcknowledgedCommitThatIsThereTwiceFails() {
        store(acknowledged);
        assertThat(failures(SOUND)).containsExactly("every acknowledged commit is there, exactly once");
    }

    @Test
    void anAcknowledgedCommitWithAnotherAmountFails() {
        transfers.set(
                0, new Transfer(acknowledged.id(), acknowledged.from(), acknowledged.to(), acknowledged.amount() + 1));
        assertThat(failures(SOUND))
                .containsExactly(
                        "every balance is what the transfers make it",
                        "every acknowledged commit is there, exactly once",
                        "nothing else is there");
    }

    @Test
    void anAbandonedTransferThatIsThereFails() {
        store(abandoned);
        assertThat(failures(SOUND)).containsExactly("nothing abandoned is there");
    }

    @Test
    void anUnknownTransferThatIsHalfThereFails() {
        transfers.add(unknown);
        assertThat(failures(SOUND)).containsExactly("every balance is what the transfers make it");
    }

    @Test
    void anUnknownTransferThatIsThereTwiceFails() {
        store(unknown);
        store(unknown);
        assertThat(failures(SOUND)).containsExactly("every unknown outcome is there once or not at all");
    }

    @Test
    void moneyFromNowhereFails() {
        balances.merge(1, 1L, Long::sum);
        assertThat(failures(SOUND))
                .containsExactly("the sum of money is right", "every balance is what the transfers make it");
    }

    @Test
    void aMisbehaviourThatNobodyWasToldOfFails() {
        conduct.notTold(Misbehaviour.RAW_BEGIN);
        assertThat(failures(SOUND)).containsExactly("every misbehaviour was told");
    }

    @Test
    void anErrorThatNobodyProvokedFails() {
        conduct.surprise(new IllegalStateException("out of the blue"));
        assertThat(failures(SOUND)).containsExactly("no error came that nobody had provoked");
    }

    @Test
    void aSessionLostWithoutAKillFails() {
        conduct.lostSession();
        assertThat(failures(SOUND)).isEmpty();
        conduct.lostSession();
        assertThat(failures(SOUND)).containsExactly("the killed backend was replaced, and only its user told");
        assertThat(failures(new Proof.Sessions(3, 1, 0, 0, 0)))
                .containsExactly("the killed backend was replaced, and only its user told");
    }

    @Test
    void eachRestartOfTheServerMayCostASessionAndNoMore() {
        conduct.lostSession();
        conduct.lostSession();
        assertThat(failures(new Proof.Sessions(3, 1, 1, 0, 0))).isEmpty();
        assertThat(failures(new Proof.Sessions(2, 1, 1, 0, 0))).isEmpty();
        assertThat(failures(new Proof.Sessions(4, 1, 1, 0, 0)))
                .containsExactly("the killed backend was replaced, and only its user told");
        conduct.lostSession();
        assertThat(failures(new Proof.Sessions(3, 1, 1, 0, 0)))
                .containsExactly("the killed backend was replaced, and only its user told");
    }

    @Test
    void whatIsLeftOnTheServerFails() {
        assertThat(failures(new Proof.Sessions(2, 1, 0, 1, 1)))
                .containsExactly("no transaction is left open on the server", "no backend is left after close()");
    }

    private Transfer enter(Outcome outcome) {
        Transfer transfer = ledger.draw(new SplittableRandom(1));
        ledger.enter(transfer, outcome);
        return transfer;
    }

    private void store(Transfer transfer) {
        transfers.add(transfer);
        balances.merge(transfer.from(), -transfer.amount(), Long::sum);
        balances.merge(transfer.to(), transfer.amount(), Long::sum);
    }

    private List<String> failures(Proof.Sessions sessions) {
        Proof proof = Proof.of(ledger, new Bank.Books(balances, transfers), conduct, sessions);
        List<String> failures = proof.checks().stream()
                .filter(check -> !check.holds())
                .map(Proof.Check::claim)
                .toList();
        assertThat(proof.holds()).isEqualTo(failures.isEmpty());
        return failures;
    }
}
