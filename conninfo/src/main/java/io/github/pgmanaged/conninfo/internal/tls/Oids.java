package io.github.pgmanaged.conninfo.internal.tls;

import java.io.ByteArrayOutputStream;

/** The identifiers of extensions, purposes and names. */
final class Oids {
    static final String COMMON_NAME = "2.5.4.3";
    static final String EMAIL_ADDRESS = "1.2.840.113549.1.9.1";
    static final String SUBJECT_KEY_IDENTIFIER = "2.5.29.14";
    static final String KEY_USAGE = "2.5.29.15";
    static final String SUBJECT_ALTERNATIVE_NAME = "2.5.29.17";
    static final String BASIC_CONSTRAINTS = "2.5.29.19";
    static final String NAME_CONSTRAINTS = "2.5.29.30";
    static final String CRL_DISTRIBUTION_POINTS = "2.5.29.31";
    static final String CERTIFICATE_POLICIES = "2.5.29.32";
    static final String POLICY_MAPPINGS = "2.5.29.33";
    static final String AUTHORITY_KEY_IDENTIFIER = "2.5.29.35";
    static final String POLICY_CONSTRAINTS = "2.5.29.36";
    static final String EXTENDED_KEY_USAGE = "2.5.29.37";
    static final String INHIBIT_ANY_POLICY = "2.5.29.54";
    static final String NETSCAPE_TYPE = "2.16.840.1.113730.1.1";
    static final String ANY_PURPOSE = "2.5.29.37.0";
    static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    static final String NETSCAPE_SERVER_GATED = "2.16.840.1.113730.4.1";
    static final String MICROSOFT_SERVER_GATED = "1.3.6.1.4.1.311.10.3.3";

    private Oids() {}

    /** The content of its DER. */
    static byte[] der(String oid) {
        String[] parts = oid.split("\\.", -1);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        write(out, Integer.parseInt(parts[0]) * 40 + Integer.parseInt(parts[1]));
        for (int i = 2; i < parts.length; i++) {
            write(out, Integer.parseInt(parts[i]));
        }
        return out.toByteArray();
    }

    private static void write(ByteArrayOutputStream out, int number) {
        for (int shift = 28; shift > 0; shift -= 7) {
            if (number >>> shift > 0) {
                out.write(0x80 | ((number >>> shift) & 0x7f));
            }
        }
        out.write(number & 0x7f);
    }
}
