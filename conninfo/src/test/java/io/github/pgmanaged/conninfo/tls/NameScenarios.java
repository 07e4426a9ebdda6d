package io.github.pgmanaged.conninfo.tls;

import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.DERBMPString;
import org.bouncycastle.asn1.DERIA5String;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERT61String;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.GeneralName;

/** Certificates with names of all kinds, and the names of hosts that are asked of each. */
final class NameScenarios {
    static final List<String> HOSTS = List.of(
            "localhost",
            "LOCALHOST",
            "db.example.com",
            "db.example.com.",
            "a.db.example.com",
            "example.com",
            ".example.com",
            "xdb.example.com",
            "b\u00fccher.example.com",
            "xn--bcher-kva.example.com",
            "my_db",
            "*.example.com",
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f.0.0.1",
            "10.1.2.3",
            "::1",
            "0:0:0:0:0:0:0:1",
            "::ffff:127.0.0.1",
            "fe80::1%lo",
            "[::1]",
            "");

    private final Forged root = Forge.authority("root").make();
    private final List<Scenario> all = new ArrayList<>();

    private NameScenarios() {}

    static List<Scenario> all() {
        NameScenarios scenarios = new NameScenarios();
        scenarios.subjects();
        scenarios.alternatives();
        scenarios.addresses();
        scenarios.strange();
        return scenarios.all;
    }

    private void add(String name, Forge leaf) {
        all.add(Scenario.of(name, root, leaf.by(root).make()));
    }

    private static X500Name commonNames(ASN1Encodable... values) {
        X500NameBuilder name = new X500NameBuilder();
        for (ASN1Encodable value : values) {
            name.addRDN(BCStyle.CN, value);
        }
        return name.build();
    }

    private void subjects() {
        for (String name : List.of(
                "localhost",
                "LocalHost",
                "db.example.com",
                "db.example.com.",
                "*.example.com",
                "*example.com",
                "d*.example.com",
                "db.*.com",
                "*.*.com",
                "*.com",
                "*.",
                "*",
                "127.0.0.1",
                "127.1",
                "::1",
                "my_db",
                " localhost",
                "localhost ")) {
            add("a subject " + name, Forge.bare(commonNames(new DERUTF8String(name))));
        }
        add(
                "two subjects",
                Forge.bare(commonNames(new DERUTF8String("localhost"), new DERUTF8String("db.example.com"))));
        add("no name at all", Forge.bare("O=Nobody"));
        add("an empty subject", Forge.bare(new X500Name(new RDN[0])));
        add("an empty common name", Forge.bare(commonNames(new DERUTF8String(""))));
        add("a subject with a NUL", Forge.bare(commonNames(new DERUTF8String("localhost\0.evil.com"))));
        add("a subject that ends in a NUL", Forge.bare(commonNames(new DERUTF8String("localhost\0"))));
        add("a subject of two bytes a letter", Forge.bare(commonNames(new DERBMPString("localhost"))));
        add("a subject in T.61", Forge.bare(commonNames(new DERT61String("localhost"))));
        add("a subject in IA5", Forge.bare(commonNames(new DERIA5String("localhost"))));
        add("a subject beyond ASCII", Forge.bare(commonNames(new DERUTF8String("b\u00fccher.example.com"))));
        add("a subject of several parts", Forge.bare("CN=localhost,O=Corp,CN=db.example.com"));
        add("a subject of one part with two values", Forge.bare("O=Corp+CN=localhost"));
    }

    private void alternatives() {
        for (String name : List.of(
                "localhost",
                "LOCALHOST",
                "db.example.com",
                "db.example.com.",
                "*.example.com",
                "*.db.example.com",
                "*example.com",
                "d*.example.com",
                "x*.example.com",
                "*.*.com",
                "*.com",
                "*",
                "",
                ".example.com",
                "127.0.0.1",
                "::1",
                "my_db",
                "xn--bcher-kva.example.com",
                "*.xn--bcher-kva.example.com",
                "localhost\0.evil.com")) {
            add("the name " + name.replace('\0', '0'), Forge.bare("CN=server").dns(name));
        }
        add("names beyond ASCII", Forge.bare("CN=server").dns("b\u00fccher.example.com"));
        add("a name and a subject", Forge.bare("CN=localhost").dns("db.example.com"));
        add("a name and a subject of an address", Forge.bare("CN=127.0.0.1").dns("db.example.com"));
        add("two names", Forge.bare("CN=server").dns("localhost", "db.example.com"));
        add("a NUL before the right name", Forge.bare("CN=server").dns("a\0b", "localhost"));
        add("a NUL after the right name", Forge.bare("CN=server").dns("localhost", "a\0b"));
    }

    private static GeneralName ip(int... bytes) {
        byte[] content = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            content[i] = (byte) bytes[i];
        }
        return new GeneralName(GeneralName.iPAddress, new DEROctetString(content));
    }

    private void addresses() {
        GeneralName four = ip(127, 0, 0, 1);
        GeneralName six = ip(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
        GeneralName mapped = ip(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1);
        GeneralName other = new GeneralName(GeneralName.dNSName, "db.example.com");
        add("an address", Forge.bare("CN=server").names(four));
        add("an IPv6 address", Forge.bare("CN=server").names(six));
        add("a mapped address", Forge.bare("CN=server").names(mapped));
        add("two addresses", Forge.bare("CN=server").names(six, four));
        add("an address and a name", Forge.bare("CN=localhost").names(four, other));
        add("an address and a subject", Forge.bare("CN=localhost").names(four));
        add("an address and a subject of another", Forge.bare("CN=10.1.2.3").names(four));
        add("an address of no length", Forge.bare("CN=localhost").names(ip()));
        add("an address of five bytes", Forge.bare("CN=localhost").names(ip(127, 0, 0, 1, 1)));
        add("an address of eight bytes", Forge.bare("CN=localhost").names(ip(127, 0, 0, 1, 255, 0, 0, 0)));
    }

    private void strange() {
        add(
                "a mail address and a subject",
                Forge.bare("CN=localhost").names(new GeneralName(GeneralName.rfc822Name, "me@localhost")));
        add(
                "a URI and a subject",
                Forge.bare("CN=localhost")
                        .names(new GeneralName(GeneralName.uniformResourceIdentifier, "postgres://localhost/")));
        add(
                "a directory and a subject",
                Forge.bare("CN=localhost")
                        .names(new GeneralName(GeneralName.directoryName, new X500Name("CN=db.example.com"))));
        add(
                "a directory alone",
                Forge.bare("CN=server")
                        .names(new GeneralName(GeneralName.directoryName, new X500Name("CN=localhost"))));
        add("no alternatives", Forge.bare("CN=localhost").names());
    }
}
