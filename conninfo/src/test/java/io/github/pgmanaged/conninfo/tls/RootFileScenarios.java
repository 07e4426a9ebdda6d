package io.github.pgmanaged.conninfo.tls;

import java.util.Arrays;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.KeyPurposeId;

/** Root files, and what they note about their certificates. */
final class RootFileScenarios extends Scenarios {
    private RootFileScenarios() {}

    static List<Scenario> all() {
        RootFileScenarios scenarios = new RootFileScenarios();
        scenarios.trustedBlocks();
        scenarios.files();
        return scenarios.all;
    }

    private void trustedBlocks() {
        ASN1ObjectIdentifier server = KeyPurposeId.id_kp_serverAuth.toOID();
        ASN1ObjectIdentifier client = KeyPurposeId.id_kp_clientAuth.toOID();
        ASN1ObjectIdentifier any = KeyPurposeId.anyExtendedKeyUsage.toOID();
        ASN1ObjectIdentifier[] none = {};
        Forged forClients =
                Forge.authority("root").purposes(KeyPurposeId.id_kp_clientAuth).make();
        Forged leaf = Forge.leaf().by(root).make();
        Forged below = Forge.leaf().by(between).make();
        Forged past = Forge.authority("between").by(root).between(-5, -1).make();
        List<ASN1ObjectIdentifier[][]> notes = List.of(
                new ASN1ObjectIdentifier[][] {none, none},
                new ASN1ObjectIdentifier[][] {{server}, none},
                new ASN1ObjectIdentifier[][] {{client}, none},
                new ASN1ObjectIdentifier[][] {{any}, none},
                new ASN1ObjectIdentifier[][] {none, {server}},
                new ASN1ObjectIdentifier[][] {none, {client}},
                new ASN1ObjectIdentifier[][] {none, {any}},
                new ASN1ObjectIdentifier[][] {{server}, {server}},
                new ASN1ObjectIdentifier[][] {{client}, {client}});
        for (ASN1ObjectIdentifier[][] note : notes) {
            String text = "trusted for " + Arrays.toString(note[0]) + ", not for " + Arrays.toString(note[1]);
            all.add(Scenario.of("a root " + text, root.trustedPem(note[0], note[1]), leaf));
            all.add(Scenario.of(
                    "a root and an intermediate " + text, between.trustedPem(note[0], note[1]) + root.pem(), below));
            all.add(Scenario.of("an intermediate alone " + text, between.trustedPem(note[0], note[1]), below));
            all.add(Scenario.of(
                    "an intermediate alone, expired, " + text,
                    past.trustedPem(note[0], note[1]),
                    Forge.leaf().by(past).make()));
            all.add(Scenario.of("a leaf alone " + text, leaf.trustedPem(note[0], note[1]), leaf));
            all.add(Scenario.of(
                    "a client's root " + text,
                    forClients.trustedPem(note[0], note[1]),
                    Forge.leaf().by(forClients).make()));
            all.add(Scenario.of(
                    "an intermediate " + text + ", sent too",
                    between.trustedPem(note[0], note[1]) + root.pem(),
                    below,
                    between));
        }
    }

    private void files() {
        Forged leaf = Forge.leaf().by(root).make();
        String pem = root.pem();
        String body = pem.replace("-----BEGIN CERTIFICATE-----\n", "").replace("-----END CERTIFICATE-----\n", "");
        all.add(Scenario.of("a root file with text around", "Root\n=====\n" + pem + "the end\n", leaf));
        all.add(Scenario.of("a root file of the old label", pem.replace(" CERTIFICATE", " X509 CERTIFICATE"), leaf));
        all.add(Scenario.of("a root file of an unknown label", pem.replace(" CERTIFICATE", " PKCS7"), leaf));
        all.add(Scenario.of("a root file with Windows' line ends", pem.replace("\n", "\r\n"), leaf));
        all.add(Scenario.of("a root file without a last line end", pem.strip(), leaf));
        all.add(Scenario.of(
                "a root file in one line",
                "-----BEGIN CERTIFICATE-----\n" + body.replace("\n", "") + "\n-----END CERTIFICATE-----\n",
                leaf));
        all.add(Scenario.of("a root file with blanks before its lines", pem.replace("\n", "\n "), leaf));
        all.add(Scenario.of("a root file with blanks after its lines", pem.replace("\n", "  \n"), leaf));
        all.add(Scenario.of("a root file with empty lines in a block", pem.replaceFirst("-----\n", "-----\n\n"), leaf));
        all.add(Scenario.of(
                "a root file with a broken block behind",
                pem + "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
                leaf));
        all.add(Scenario.of(
                "a root file with a broken block before",
                "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n" + pem,
                leaf));
        all.add(Scenario.of(
                "a root file with an unfinished block behind", pem + "-----BEGIN CERTIFICATE-----\nMAA=\n", leaf));
        all.add(Scenario.of(
                "a root file with a foreign block",
                "-----BEGIN DH PARAMETERS-----\nMAA=\n-----END DH PARAMETERS-----\n" + pem,
                leaf));
        all.add(Scenario.of(
                "a root file with other marks of its end",
                pem.replace("END CERTIFICATE", "END X509 CERTIFICATE"),
                leaf));
        all.add(Scenario.of("a root file with a byte order mark", "\ufeff" + pem, leaf));
        all.add(Scenario.of("an empty root file", "", leaf));
        all.add(Scenario.of("a root file of blanks", " \n", leaf));
        all.add(Scenario.of("a root file without a certificate", "nothing\n", leaf));
    }
}
