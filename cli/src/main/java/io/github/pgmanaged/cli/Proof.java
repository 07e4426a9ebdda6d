package io.github.pgmanaged.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What must be so after the run.
 *
 * @param checks each of them, in the order in which they are told
 */
record Proof(List<Check> checks) {
    /**
     * One claim.
     *
     * @param evidence the figures behind the verdict
     */
    record Check(String claim, boolean holds, String evidence) {}

    /**
     * What is known of the run's sessions.
     *
     * @param opened by the manager
     * @param killed by the witness
     * @param interruptions times that the witness's own session was lost: the server restarted
     * @param openTransactions on the server after the last turn
     * @param remainingBackends on the server after the manager was closed
     */
    record Sessions(long opened, int killed, int interruptions, int openTransactions, int remainingBackends) {}

    static Proof of(Ledger ledger, Bank.Books books, Conduct conduct, Sessions sessions) {
        List<Check> checks = new ArrayList<>();
        checks.add(sumOfMoney(books));
        checks.add(balancesAgree(books));
        checks.addAll(transfersAgree(ledger, books));
        checks.add(everyMisbehaviourTold(conduct));
        checks.add(noSurprises(conduct));
        checks.add(killedBackendReplaced(conduct, sessions));
        checks.add(new Check(
                "no transaction is left open on the server",
                sessions.openTransactions() == 0,
                number(sessions.openTransactions()) + " open"));
        checks.add(new Check(
                "no backend is left after close()",
                sessions.remainingBackends() == 0,
                number(sessions.remainingBackends()) + " left"));
        return new Proof(List.copyOf(checks));
    }

    boolean holds() {
        return checks.stream().allMatch(Check::holds);
    }

    private static Check sumOfMoney(Bank.Books books) {
        long sum = books.balances().values().stream().mapToLong(Long::longValue).sum();
        long due = Bank.ACCOUNTS * Bank.OPENING_BALANCE;
        return new Check("the sum of money is right", sum == due, number(sum) + " of " + number(due));
    }

    private static Check balancesAgree(Bank.Books books) {
        Map<Integer, Long> due = new TreeMap<>();
        for (int account = 0; account < Bank.ACCOUNTS; account++) {
            due.put(account, Bank.OPENING_BALANCE);
        }
        for (Transfer transfer : books.transfers()) {
            due.merge(transfer.from(), -transfer.amount(), Long::sum);
            due.merge(transfer.to(), transfer.amount(), Long::sum);
        }
        long agreeing = due.entrySet().stream()
                .filter(account -> account.getValue().equals(books.balances().get(account.getKey())))
                .count();
        return new Check(
                "every balance is what the transfers make it",
                books.balances().equals(due),
                number(agreeing) + " of " + number(due.size()) + " accounts");
    }

    /** The clients' memory against the table of transfers. */
    private static List<Check> transfersAgree(Ledger ledger, Bank.Books books) {
        Map<Transfer, Integer> copies = new HashMap<>();
        long unheardOf = 0;
        for (Transfer transfer : books.transfers()) {
            copies.merge(transfer, 1, Integer::sum);
            Ledger.@Nullable Entry entry = ledger.entries().get(transfer.id());
            if (entry == null || !entry.transfer().equals(transfer)) {
                unheardOf++;
            }
        }
        long acknowledged = 0;
        long kept = 0;
        long abandoned = 0;
        long undead = 0;
        long unknownIn = 0;
        long unknownOut = 0;
        long unknownTwice = 0;
        for (Ledger.Entry entry : ledger.entries().values()) {
            int found = copies.getOrDefault(entry.transfer(), 0);
            switch (entry.outcome()) {
                case ACKNOWLEDGED -> {
                    acknowledged++;
                    kept += found == 1 ? 1 : 0;
                }
                case ABANDONED -> {
                    abandoned++;
                    undead += found == 0 ? 0 : 1;
                }
                case UNKNOWN -> {
                    unknownIn += found == 1 ? 1 : 0;
                    unknownOut += found == 0 ? 1 : 0;
                    unknownTwice += found > 1 ? 1 : 0;
                }
            }
        }
        return List.of(
                new Check(
                        "every acknowledged commit is there, exactly once",
                        kept == acknowledged && acknowledged > 0,
                        number(kept) + " of " + number(acknowledged)),
                new Check("nothing abandoned is there", undead == 0, number(undead) + " of " + number(abandoned)),
                new Check(
                        "every unknown outcome is there once or not at all",
                        unknownTwice == 0,
                        number(unknownIn) + " there, " + number(unknownOut) + " not"),
                new Check("nothing else is there", unheardOf == 0, number(unheardOf) + " unheard of"));
    }

    private static Check everyMisbehaviourTold(Conduct conduct) {
        long told = 0;
        long notTold = 0;
        for (Misbehaviour kind : Misbehaviour.values()) {
            told += conduct.timesTold(kind);
            notTold += conduct.timesNotTold(kind);
        }
        return new Check("every misbehaviour was told", notTold == 0, number(told) + " of " + number(told + notTold));
    }

    private static Check noSurprises(Conduct conduct) {
        int surprises = conduct.surprises().size();
        return new Check("no error came that nobody had provoked", surprises == 0, number(surprises) + " errors");
    }

    /**
     * Nobody is told if the session died idle and was validated before anybody used it; and two losses may be of one
     * session if the server restarts.
     */
    private static Check killedBackendReplaced(Conduct conduct, Sessions sessions) {
        long losses = (long) sessions.killed() + sessions.interruptions();
        return new Check(
                "the killed backend was replaced, and only its user told",
                sessions.killed() == 1
                        && conduct.lostSessions() <= losses
                        && sessions.opened() >= 2
                        && sessions.opened() <= 1 + losses,
                number(sessions.killed()) + " killed, "
                        + (sessions.interruptions() == 0 ? "" : number(sessions.interruptions()) + " interruptions, ")
                        + number(conduct.lostSessions()) + " told, " + number(sessions.opened()) + " sessions");
    }

    private static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }
}
