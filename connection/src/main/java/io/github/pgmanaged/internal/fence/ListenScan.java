package io.github.pgmanaged.internal.fence;

import java.util.Set;

/**
 * Which channels a text of SQL visibly begins to listen to, and ceases to.
 *
 * <p>Thread safety: none.
 */
final class ListenScan {
    private ListenScan() {}

    /**
     * Looks at a text.
     *
     * @param channels to which the channels are added that it listens to, and from which those are taken that it does
     *     not any more
     */
    static void of(String sql, boolean standardStrings, Set<String> channels) {
        SqlScanner scanner = new SqlScanner(sql, standardStrings);
        boolean first = true;
        for (SqlScanner.Token token = scanner.next(); token != SqlScanner.Token.END; token = scanner.next()) {
            if (first && scanner.isWord("LISTEN")) {
                scanner.next();
                channels.add(scanner.name());
            } else if (first && scanner.isWord("UNLISTEN")) {
                scanner.next();
                if (scanner.isSign('*')) {
                    channels.clear();
                } else {
                    channels.remove(scanner.name());
                }
            } else if (first && scanner.isWord("DISCARD")) {
                scanner.next();
                if (scanner.isWord("ALL")) {
                    channels.clear();
                }
            }
            first = scanner.isSign(';');
        }
    }
}
