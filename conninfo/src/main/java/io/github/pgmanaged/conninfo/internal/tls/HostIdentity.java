package io.github.pgmanaged.conninfo.internal.tls;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Whether a certificate is for a host, by libpq's rules: the alternative names count, and the first common name if
 * there is none of the host's kind, address or name. They are compared byte by byte, but for the case of ASCII letters.
 * A wildcard is the whole first label.
 */
final class HostIdentity {
    private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");
    private static final int IPV4_LENGTH = 4;
    private static final int IPV6_LENGTH = 16;

    private final String host;
    private final byte @Nullable [] ipv4;
    private final byte @Nullable [] ipv6;
    private final List<String> examined = new ArrayList<>();

    private HostIdentity(String host) {
        this.host = host;
        this.ipv4 = Ipv4Text.parse(host);
        this.ipv6 = ipv6(host);
    }

    /**
     * Checks that a certificate is for a host.
     *
     * @throws CertificateException if it is not, with the names that it is for; in libpq's words
     */
    static void check(X509Certificate certificate, String host) throws CertificateException {
        HostIdentity identity = new HostIdentity(host);
        boolean matched;
        try {
            matched = identity.isOf(CertificateNames.of(certificate));
        } catch (IllegalArgumentException e) {
            throw new CertificateException("the names of the server certificate are broken: " + e.getMessage(), e);
        }
        if (!matched) {
            throw new CertificateException(identity.mismatch());
        }
    }

    private boolean isOf(CertificateNames names) throws CertificateException {
        int kind = ipv4 != null || ipv6 != null ? GeneralName.IP : GeneralName.DNS;
        boolean commonNameCounts = true;
        for (GeneralName name : names.alternatives()) {
            commonNameCounts &= name.type() != kind;
            if ((name.type() == GeneralName.DNS && isName(name.value()))
                    || (name.type() == GeneralName.IP && isAddress(name.value()))) {
                return true;
            }
        }
        List<byte[]> common = names.subject(Oids.COMMON_NAME);
        return commonNameCounts && !common.isEmpty() && isName(common.get(0));
    }

    private boolean isName(byte[] bytes) throws CertificateException {
        // A letter a byte: the host's name is bytes, too.
        String name = new String(bytes, StandardCharsets.ISO_8859_1);
        if (name.indexOf('\0') >= 0) {
            throw new CertificateException("SSL certificate's name contains embedded null");
        }
        examined.add(new String(bytes, StandardCharsets.UTF_8));
        String wanted = lowerCase(new String(host.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1));
        String given = lowerCase(name);
        return given.equals(wanted) || isWildcardOf(given, wanted);
    }

    private static boolean isWildcardOf(String pattern, String name) {
        int rest = name.length() - pattern.length();
        return pattern.length() >= 3
                && pattern.startsWith("*.")
                && rest >= 0
                && name.endsWith(pattern.substring(1))
                && name.indexOf('.') >= rest;
    }

    private boolean isAddress(byte[] bytes) throws CertificateException {
        if (bytes.length != IPV4_LENGTH && bytes.length != IPV6_LENGTH) {
            throw new CertificateException("certificate contains IP address with invalid length " + bytes.length);
        }
        examined.add(text(bytes));
        return Arrays.equals(bytes, bytes.length == IPV4_LENGTH ? ipv4 : ipv6);
    }

    private static String text(byte[] address) {
        try {
            return InetAddress.getByAddress(address).getHostAddress();
        } catch (UnknownHostException e) {
            return Arrays.toString(address);
        }
    }

    /** Only A to Z: not the letters of other languages, which are bytes here. */
    private static String lowerCase(String text) {
        StringBuilder lower = new StringBuilder(text);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 'A' && c <= 'Z') {
                lower.setCharAt(i, (char) (c + ('a' - 'A')));
            }
        }
        return lower.toString();
    }

    private static byte @Nullable [] ipv6(String host) {
        if (!IPV6.matcher(host).matches()) {
            return null;
        }
        try {
            // Never looked up: no name has a colon.
            byte[] address = InetAddress.getByName(host).getAddress();
            return address.length == IPV6_LENGTH ? address : mapped(address);
        } catch (UnknownHostException e) {
            return null;
        }
    }

    /** Java takes ::ffff:a.b.c.d for an IPv4 address. */
    private static byte[] mapped(byte[] address) {
        byte[] mapped = new byte[IPV6_LENGTH];
        mapped[10] = (byte) 0xff;
        mapped[11] = (byte) 0xff;
        System.arraycopy(address, 0, mapped, IPV6_LENGTH - IPV4_LENGTH, IPV4_LENGTH);
        return mapped;
    }

    private String mismatch() {
        if (examined.isEmpty()) {
            return "could not get server's host name from server certificate";
        }
        int others = examined.size() - 1;
        return "server certificate for \"" + examined.get(0) + '"'
                + (others == 0 ? "" : " (and " + others + " other name" + (others == 1 ? ")" : "s)"))
                + " does not match host name \"" + host + '"';
    }
}
