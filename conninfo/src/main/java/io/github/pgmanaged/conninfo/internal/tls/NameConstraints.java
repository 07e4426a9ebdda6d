package io.github.pgmanaged.conninfo.internal.tls;

import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import javax.security.auth.x500.X500Principal;

/**
 * The names that an authority may issue certificates for, by OpenSSL's rules. The JDK's own rules do not know domains
 * that begin with a dot, and do not look at a common name that is a host's.
 */
final class NameConstraints {
    private static final int PERMITTED = 0xa0;
    private static final int EXCLUDED = 0xa1;
    private static final int IPV4_WITH_MASK = 8;
    private static final int IPV6_WITH_MASK = 32;

    /**
     * Two labels at least, as OpenSSL wants it of a common name that is to be a host's; perhaps a wildcard. The labels
     * are counted without a way back (++), for which Java would need a bit of the stack for each.
     */
    private static final Pattern HOST_NAME = Pattern.compile(
            "(?:\\*\\.)?[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:\\.[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)++");

    private final List<GeneralName> permitted = new ArrayList<>();
    private final List<GeneralName> excluded = new ArrayList<>();

    private NameConstraints() {}

    static NameConstraints of(X509Certificate authority) throws CertificateException {
        NameConstraints constraints = new NameConstraints();
        byte[] value = authority.getExtensionValue(Oids.NAME_CONSTRAINTS);
        if (value != null) {
            try {
                Der lists = Der.of(value).next(Der.OCTET_STRING).next(Der.SEQUENCE);
                while (lists.hasNext()) {
                    int tag = lists.nextTag();
                    constraints.add(tag, lists.next());
                }
            } catch (IllegalArgumentException e) {
                throw new CertificateException("invalid name constraints: " + authority.getSubjectX500Principal(), e);
            }
        }
        return constraints;
    }

    private void add(int tag, Der subtrees) {
        if (tag != PERMITTED && tag != EXCLUDED) {
            throw new IllegalArgumentException("unknown kind of subtrees");
        }
        while (subtrees.hasNext()) {
            Der subtree = subtrees.next(Der.SEQUENCE);
            (tag == PERMITTED ? permitted : excluded).add(GeneralName.next(subtree));
            if (subtree.hasNext()) {
                throw new IllegalArgumentException("a minimum or maximum, which nobody knows");
            }
        }
    }

    /**
     * Checks a certificate's names.
     *
     * @param server whether it is the server's own, of which the common name counts as a host's if it has no other
     * @throws CertificateException if a name is outside of what is permitted, or excluded
     */
    void check(X509Certificate certificate, boolean server) throws CertificateException {
        if (permitted.isEmpty() && excluded.isEmpty()) {
            return;
        }
        try {
            CertificateNames names = CertificateNames.of(certificate);
            List<GeneralName> all = new ArrayList<>(names.alternatives());
            X500Principal subject = certificate.getSubjectX500Principal();
            if (!subject.getName().isEmpty()) {
                all.add(new GeneralName(GeneralName.DIRECTORY, subject.getEncoded()));
            }
            names.subject(Oids.EMAIL_ADDRESS).forEach(mail -> all.add(new GeneralName(GeneralName.EMAIL, mail)));
            if (server && names.alternatives().stream().noneMatch(name -> name.type() == GeneralName.DNS)) {
                for (byte[] name : names.subject(Oids.COMMON_NAME)) {
                    if (isHostName(text(name))) {
                        all.add(new GeneralName(GeneralName.DNS, name));
                    }
                }
            }
            for (GeneralName name : all) {
                check(name, subject);
            }
        } catch (IllegalArgumentException e) {
            throw new CertificateException(
                    "unsupported name: " + certificate.getSubjectX500Principal() + ": " + e.getMessage(), e);
        }
    }

    /** Whether a common name counts as a host's. */
    static boolean isHostName(String name) {
        return HOST_NAME.matcher(name).matches();
    }

    private void check(GeneralName name, X500Principal subject) throws CertificateException {
        List<GeneralName> ofItsType =
                permitted.stream().filter(base -> base.type() == name.type()).toList();
        if (!ofItsType.isEmpty() && ofItsType.stream().noneMatch(base -> isWithin(name, base))) {
            throw new CertificateException("permitted subtree violation: " + subject);
        }
        if (excluded.stream().anyMatch(base -> base.type() == name.type() && isWithin(name, base))) {
            throw new CertificateException("excluded subtree violation: " + subject);
        }
    }

    private static boolean isWithin(GeneralName name, GeneralName base) {
        return switch (name.type()) {
            case GeneralName.DNS -> isSubdomain(text(name.value()), text(base.value()));
            case GeneralName.IP -> isInNetwork(name.value(), base.value());
            case GeneralName.DIRECTORY -> isBelow(name.value(), base.value());
            case GeneralName.EMAIL -> isMailOf(text(name.value()), text(base.value()));
            case GeneralName.URI -> isHostOf(host(text(name.value())), text(base.value()));
            default -> throw new IllegalArgumentException("constraints on a type of name that is not known");
        };
    }

    private static boolean isSubdomain(String name, String base) {
        if (name.length() > base.length() && !base.isEmpty() && !base.startsWith(".")) {
            return endsWith(name, '.' + base);
        }
        return endsWith(name, base);
    }

    private static boolean isInNetwork(byte[] address, byte[] network) {
        if (network.length != IPV4_WITH_MASK && network.length != IPV6_WITH_MASK) {
            throw new IllegalArgumentException("a network of a wrong length");
        }
        if (network.length != 2 * address.length) {
            return false;
        }
        for (int i = 0; i < address.length; i++) {
            if (((address[i] ^ network[i]) & network[address.length + i]) != 0) {
                return false;
            }
        }
        return true;
    }

    /** Whether a name begins with another, part by part. */
    private static boolean isBelow(byte[] name, byte[] base) {
        int parts = parts(base).size();
        List<byte[]> own = parts(name);
        if (own.size() < parts) {
            return false;
        }
        byte[] beginning = Der.encode(Der.SEQUENCE, own.subList(0, parts).toArray(new byte[0][]));
        return new X500Principal(beginning).equals(new X500Principal(base));
    }

    private static List<byte[]> parts(byte[] name) {
        List<byte[]> parts = new ArrayList<>();
        Der sequence = Der.of(name).next(Der.SEQUENCE);
        while (sequence.hasNext()) {
            parts.add(Der.encode(Der.SET, sequence.next(Der.SET).content()));
        }
        return parts;
    }

    private static boolean isMailOf(String mail, String base) {
        int at = mail.lastIndexOf('@');
        if (at < 0) {
            throw new IllegalArgumentException("a mail address without an @");
        }
        int baseAt = base.lastIndexOf('@');
        if (baseAt < 0) {
            return isHostOf(mail.substring(at + 1), base);
        }
        boolean anyone = baseAt == 0;
        return (anyone || mail.substring(0, at).equals(base.substring(0, baseAt)))
                && isSame(mail.substring(at + 1), base.substring(baseAt + 1));
    }

    private static boolean isHostOf(String host, String base) {
        return base.startsWith(".") ? host.length() > base.length() && endsWith(host, base) : isSame(host, base);
    }

    private static String host(String uri) {
        int from = uri.indexOf("://") + 3;
        int end = from;
        while (end < uri.length() && uri.charAt(end) != ':' && uri.charAt(end) != '/') {
            end++;
        }
        if (from < 3 || end == from) {
            throw new IllegalArgumentException("a URI without a host");
        }
        return uri.substring(from, end);
    }

    private static boolean isSame(String one, String other) {
        return one.toLowerCase(Locale.ROOT).equals(other.toLowerCase(Locale.ROOT));
    }

    private static boolean endsWith(String name, String end) {
        return name.toLowerCase(Locale.ROOT).endsWith(end.toLowerCase(Locale.ROOT));
    }

    private static String text(byte[] value) {
        return new String(value, StandardCharsets.ISO_8859_1);
    }
}
