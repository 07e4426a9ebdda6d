package io.github.pgmanaged.conninfo.tls;

import java.security.KeyPair;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;

/** Certificates that are odd in themselves: in what they are for, in their extensions, dates, keys and signatures. */
final class CertificateScenarios extends Scenarios {
    private static final ASN1ObjectIdentifier UNKNOWN = new ASN1ObjectIdentifier("1.3.6.1.4.1.99999.1");
    private static final ASN1ObjectIdentifier NETSCAPE = new ASN1ObjectIdentifier("2.16.840.1.113730.1.1");

    private CertificateScenarios() {}

    static List<Scenario> all() {
        CertificateScenarios scenarios = new CertificateScenarios();
        scenarios.usages();
        scenarios.extensions();
        scenarios.dates();
        scenarios.strength();
        scenarios.keysAndSignatures();
        return scenarios.all;
    }

    private void usages() {
        int[] bits = {
            KeyUsage.digitalSignature,
            KeyUsage.keyEncipherment,
            KeyUsage.keyAgreement,
            KeyUsage.nonRepudiation,
            KeyUsage.dataEncipherment,
            KeyUsage.keyCertSign,
            KeyUsage.keyEncipherment | KeyUsage.dataEncipherment,
            KeyUsage.digitalSignature | KeyUsage.keyEncipherment
        };
        for (int usage : bits) {
            add(
                    "a leaf of usage " + usage,
                    root,
                    Forge.leaf().usage(usage).by(root).make());
            add(
                    "an RSA leaf of usage " + usage,
                    root,
                    Forge.leaf()
                            .keys(Forge.shared("RSA:2048"))
                            .usage(usage)
                            .by(root)
                            .make());
        }
        for (int type : new int[] {0x80, 0x40, 0x04}) {
            for (boolean critical : new boolean[] {false, true}) {
                String text = Integer.toHexString(type) + (critical ? ", critical" : "");
                DERBitString value = new DERBitString(new byte[] {(byte) type}, Integer.numberOfTrailingZeros(type));
                add(
                        "a leaf of Netscape's type " + text,
                        root,
                        Forge.leaf().with(NETSCAPE, critical, value).by(root).make());
                Forged top =
                        Forge.authority("root").with(NETSCAPE, critical, value).make();
                add(
                        "a root of Netscape's type " + text,
                        top,
                        Forge.leaf().by(top).make());
                Forged only =
                        Forge.bare("CN=root").with(NETSCAPE, critical, value).make();
                add(
                        "a root of nothing but Netscape's type " + text,
                        only,
                        Forge.leaf().by(only).make());
            }
        }
    }

    private void extensions() {
        byte[] value = {5, 0};
        List<ASN1ObjectIdentifier> types = List.of(
                UNKNOWN,
                Extension.cRLDistributionPoints,
                Extension.certificatePolicies,
                Extension.policyConstraints,
                Extension.inhibitAnyPolicy,
                Extension.subjectKeyIdentifier,
                Extension.authorityInfoAccess,
                Extension.extendedKeyUsage,
                Extension.subjectAlternativeName,
                Extension.issuerAlternativeName,
                new ASN1ObjectIdentifier("1.3.6.1.5.5.7.1.24"));
        for (ASN1ObjectIdentifier type : types) {
            byte[] content = ExtensionValues.of(type, value);
            for (boolean critical : new boolean[] {true, false}) {
                String text = (critical ? "a critical " : "a ") + type;
                add(
                        "a leaf with " + text,
                        root,
                        Forge.leaf().with(type, critical, content).by(root).make());
                Forged middle = Forge.authority("between")
                        .with(type, critical, content)
                        .by(root)
                        .make();
                add(
                        "an intermediate with " + text,
                        root,
                        Forge.leaf().by(middle).make(),
                        middle);
                Forged top =
                        Forge.authority("root").with(type, critical, content).make();
                add("a root with " + text, top, Forge.leaf().by(top).make());
            }
        }
        for (ASN1ObjectIdentifier type : List.of(
                Extension.basicConstraints,
                Extension.keyUsage,
                Extension.extendedKeyUsage,
                Extension.nameConstraints,
                Extension.subjectAlternativeName,
                Extension.authorityKeyIdentifier,
                Extension.subjectKeyIdentifier)) {
            for (boolean critical : new boolean[] {true, false}) {
                String text = (critical ? "a critical " : "a ") + "broken " + type;
                byte[] broken = {0x30, 0x03, 0x01};
                add(
                        "a leaf with " + text,
                        root,
                        Forge.leaf().with(type, critical, broken).by(root).make());
                Forged top =
                        Forge.authority("root").with(type, critical, broken).make();
                add("a root with " + text, top, Forge.leaf().by(top).make());
            }
        }
        try {
            byte[] policies = new DERSequence(DERNull.INSTANCE).getEncoded();
            add(
                    "a leaf with broken policies",
                    root,
                    Forge.leaf()
                            .with(Extension.certificatePolicies, true, policies)
                            .by(root)
                            .make());
        } catch (java.io.IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void dates() {
        add("an expired leaf", root, Forge.leaf().between(-5, -1).by(root).make());
        add("a leaf not yet valid", root, Forge.leaf().between(1, 5).by(root).make());
        Forged past = Forge.authority("between").between(-5, -1).by(root).make();
        add("an expired intermediate", root, Forge.leaf().by(past).make(), past);
        Forged future = Forge.authority("between").between(1, 5).by(root).make();
        add("an intermediate not yet valid", root, Forge.leaf().by(future).make(), future);
        Forged pastRoot = Forge.authority("root").between(-5, -1).make();
        add("an expired root", pastRoot, Forge.leaf().by(pastRoot).make());
        Forged futureRoot = Forge.authority("root").between(1, 5).make();
        add("a root not yet valid", futureRoot, Forge.leaf().by(futureRoot).make());
        Forged renewed = Forge.authority("root").keys(pastRoot.keys()).make();
        add(
                "an expired root, and the same renewed",
                List.of(pastRoot, renewed),
                Forge.leaf().by(pastRoot).make());
        add(
                "a renewed root, and the same expired",
                List.of(renewed, pastRoot),
                Forge.leaf().by(pastRoot).make());
        add(
                "an expired root sent, and the same renewed listed",
                renewed,
                Forge.leaf().by(pastRoot).make(),
                pastRoot);
        Forged self = Forge.leaf().between(-5, -1).make();
        add("an expired self-signed leaf", self, self);
        Forged renewedBetween =
                Forge.authority("between").keys(past.keys()).by(root).make();
        add(
                "an expired intermediate sent, and the same renewed listed",
                List.of(root, renewedBetween),
                Forge.leaf().by(past).make(),
                past);
        add(
                "an expired intermediate sent, and then the same renewed",
                root,
                Forge.leaf().by(past).make(),
                past,
                renewedBetween);
    }

    private void strength() {
        for (String key : List.of("RSA:1024", "RSA:2048", "RSA:3072", "EC:secp256r1", "EC:secp384r1", "EC:secp521r1")) {
            KeyPair keys = Forge.shared(key);
            add("a leaf of " + key, root, Forge.leaf().keys(keys).by(root).make());
            Forged middle = Forge.authority("between").keys(keys).by(root).make();
            add("an intermediate of " + key, root, Forge.leaf().by(middle).make(), middle);
            Forged top = Forge.authority("root").keys(keys).make();
            add("a root of " + key, top, Forge.leaf().by(top).make());
        }
        Forged rsa = Forge.authority("root").keys(Forge.shared("RSA:2048")).make();
        Forged rsaBetween = Forge.authority("between").by(rsa).make();
        for (String digest : List.of("MD5", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512")) {
            add(
                    "a leaf signed with " + digest,
                    rsa,
                    Forge.leaf().digest(digest).by(rsa).make());
            Forged middle = Forge.authority("between").digest(digest).by(rsa).make();
            add(
                    "an intermediate signed with " + digest,
                    rsa,
                    Forge.leaf().by(middle).make(),
                    middle);
            Forged top = Forge.authority("root")
                    .keys(Forge.shared("RSA:2048"))
                    .digest(digest)
                    .make();
            add("a root signed with " + digest, top, Forge.leaf().by(top).make());
            if (!digest.equals("MD5")) {
                add(
                        "a leaf signed by EC with " + digest,
                        root,
                        Forge.leaf().digest(digest).by(root).make());
            }
        }
        add("an intermediate of an RSA root", rsa, Forge.leaf().by(rsaBetween).make(), rsaBetween);
    }

    private void keysAndSignatures() {
        Forged rsa = Forge.authority("root").keys(Forge.shared("RSA:2048")).make();
        for (String digest : List.of("SHA256", "SHA384", "SHA512")) {
            add(
                    "a leaf signed by RSA-PSS with " + digest,
                    rsa,
                    Forge.leaf().digest(digest).pss().by(rsa).make());
            Forged top = Forge.authority("root")
                    .keys(Forge.shared("RSA:2048"))
                    .digest(digest)
                    .pss()
                    .make();
            add(
                    "a root signed by RSA-PSS with " + digest,
                    top,
                    Forge.leaf().by(top).make());
        }
        KeyPair pss = Forge.shared("RSASSA-PSS:2048");
        add("a leaf of an RSA-PSS key", root, Forge.leaf().keys(pss).by(root).make());
        Forged pssRoot = Forge.authority("root").keys(pss).make();
        add("a root of an RSA-PSS key", pssRoot, Forge.leaf().by(pssRoot).make());
        KeyPair edwards = Forge.shared("Ed25519");
        add(
                "a leaf of an Ed25519 key",
                root,
                Forge.leaf().keys(edwards).by(root).make());
        Forged edwardsRoot = Forge.authority("root").keys(edwards).make();
        add(
                "a root of an Ed25519 key",
                edwardsRoot,
                Forge.leaf().by(edwardsRoot).make());
        Forged genuine = Forge.leaf().by(root).make();
        byte[] der = genuine.der();
        der[der.length - 5] ^= 1;
        add("a leaf whose signature is broken", root, reread(der, genuine));
        byte[] rootDer = root.der();
        rootDer[rootDer.length - 5] ^= 1;
        add("a root whose signature is broken", reread(rootDer, root), genuine);
        add(
                "a leaf of the right name and the wrong key",
                root,
                Forge.leaf().by("CN=root", Forge.keys("EC")).make());
    }

    private static Forged reread(byte[] der, Forged of) {
        try {
            return new Forged(new org.bouncycastle.cert.X509CertificateHolder(der), of.keys());
        } catch (java.io.IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
