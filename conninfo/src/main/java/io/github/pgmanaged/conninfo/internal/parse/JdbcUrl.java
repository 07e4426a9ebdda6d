package io.github.pgmanaged.conninfo.internal.parse;

import io.github.pgmanaged.conninfo.InvalidConnInfoException;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.StringJoiner;
import org.postgresql.Driver;

/** A {@code jdbc:postgresql:} URL: only pgjdbc knows what it means. */
public final class JdbcUrl {
    private static final String PREFIX = "jdbc:postgresql:";

    /** The parameters that pgjdbc documents as passwords. */
    private static final Set<String> SECRETS = Set.of("password", "sslpassword");

    private JdbcUrl() {}

    static boolean is(String text) {
        return text.startsWith(PREFIX);
    }

    /** Refuses what pgjdbc would refuse. */
    static void check(String url) {
        // What is not of this form pgjdbc writes to its log, with the password in it.
        if (!hasHostsAndPorts(url) || !isUnderstood(url)) {
            throw new InvalidConnInfoException("pgjdbc does not understand the jdbc:postgresql: URL; see its manual"
                    + " for the form (the URL is not shown, since it may hold a password)");
        }
    }

    private static boolean isUnderstood(String url) {
        try {
            return Driver.parseURL(url, new Properties()) != null;
        } catch (RuntimeException e) {
            // pgjdbc does not look out for everything, such as a list of empty hosts.
            return false;
        }
    }

    /** Of a URL's parameters nothing is shown, since pgjdbc has several that are secret and may get more. */
    static String shown(String url) {
        int query = url.indexOf('?');
        String server = query < 0 ? url : url.substring(0, query);
        int at = server.lastIndexOf('@');
        String shown = at < 0 ? server : PREFIX + "//***@" + server.substring(at + 1);
        // pgjdbc knows no user before the host, nor a parameter without a question mark, but people write them.
        int ampersand = shown.indexOf('&');
        return ampersand < 0 && query < 0
                ? shown
                : shown.substring(0, ampersand < 0 ? shown.length() : ampersand) + "?...";
    }

    /**
     * The URL without its passwords, which are put into the properties instead: pgjdbc writes the whole URL to its log,
     * and shows it to whoever asks the connection's metadata. To connect it is the same, since a parameter of the URL
     * goes before a property.
     */
    public static String moveSecrets(String url, Properties properties) {
        int query = url.indexOf('?');
        if (query < 0) {
            return url;
        }
        Properties understood = Objects.requireNonNull(Driver.parseURL(url, new Properties()));
        StringJoiner others = new StringJoiner("&", "?", "").setEmptyValue("");
        for (String parameter : url.substring(query + 1).split("&", -1)) {
            int equals = parameter.indexOf('=');
            String name = equals < 0 ? parameter : parameter.substring(0, equals);
            if (SECRETS.contains(name)) {
                properties.setProperty(name, understood.getProperty(name));
            } else {
                others.add(parameter);
            }
        }
        return url.substring(0, query) + others;
    }

    private static boolean hasHostsAndPorts(String url) {
        int query = url.indexOf('?');
        String server = url.substring(PREFIX.length(), query < 0 ? url.length() : query);
        if (!server.startsWith("//") || server.equals("//") || server.equals("///")) {
            return true;
        }
        int slash = server.indexOf('/', 2);
        if (slash < 0 || server.indexOf('/', slash + 1) >= 0) {
            return false;
        }
        for (String address : server.substring(2, slash).split(",", -1)) {
            int colon = address.lastIndexOf(':');
            boolean port = colon >= 0 && address.lastIndexOf(']') < colon;
            if (port && !isPort(address.substring(colon + 1))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isPort(String text) {
        return text.matches("[0-9]{1,5}") && Integer.parseInt(text) >= 1 && Integer.parseInt(text) <= 65535;
    }
}
