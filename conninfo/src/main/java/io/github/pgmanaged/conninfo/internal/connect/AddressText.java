package io.github.pgmanaged.conninfo.internal.connect;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Addresses as libpq writes them: of IPv6 the short form, {@code ::1}, where Java has the long one. */
final class AddressText {
    /** Two or more words that are zero, as far as they go. */
    private static final Pattern ZEROS = Pattern.compile("(?<![0-9a-f])0(?::0)+(?![0-9a-f])");

    private AddressText() {}

    static String of(InetAddress address) {
        String text = address.getHostAddress();
        if (!(address instanceof Inet6Address)) {
            return text;
        }
        int zone = text.indexOf('%');
        String words = zone < 0 ? text : text.substring(0, zone);
        String longest = "";
        Matcher zeros = ZEROS.matcher(words);
        while (zeros.find()) {
            longest = zeros.group().length() > longest.length() ? zeros.group() : longest;
        }
        if (longest.isEmpty()) {
            return words;
        }
        Matcher first =
                Pattern.compile(":?(?<![0-9a-f])" + longest + "(?![0-9a-f]):?").matcher(words);
        return first.replaceFirst("::");
    }
}
