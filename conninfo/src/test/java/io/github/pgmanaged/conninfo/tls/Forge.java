package io.github.pgmanaged.conninfo.tls;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v1CertificateBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Makes certificates as odd as they are asked for. */
final class Forge {
    private static final BouncyCastleProvider PROVIDER = new BouncyCastleProvider();
    private static final AtomicLong SERIAL = new AtomicLong(1);
    private static final Map<String, KeyPair> KEYS = new ConcurrentHashMap<>();

    private X500Name subject;
    private KeyPair keys = keys("EC");
    private Forged issuer;
    private KeyPair signer;
    private X500Name issuerName;
    private String digest = "SHA256";
    private boolean pss;
    private boolean version1;
    private Instant from = Instant.now().minus(Duration.ofDays(2));
    private Instant to = Instant.now().plus(Duration.ofDays(2));
    private final java.util.List<Extension> extensions = new java.util.ArrayList<>();

    private Forge(X500Name subject) {
        this.subject = subject;
    }

    /** A certificate with no extension at all. */
    static Forge bare(String subject) {
        return new Forge(new X500Name(subject));
    }

    static Forge bare(X500Name subject) {
        return new Forge(subject);
    }

    /** An authority as it should be. */
    static Forge authority(String name) {
        return bare("CN=" + name).ca().usage(KeyUsage.keyCertSign | KeyUsage.cRLSign);
    }

    /** A server's certificate as it should be, for the name localhost. */
    static Forge leaf() {
        return bare("CN=server").dns("localhost");
    }

    Forge by(Forged authority) {
        issuer = authority;
        return this;
    }

    /** Names an issuer and is signed by a key, whosever it is. */
    Forge by(String name, KeyPair key) {
        issuerName = new X500Name(name);
        signer = key;
        return this;
    }

    Forge keys(KeyPair pair) {
        keys = pair;
        return this;
    }

    Forge ca() {
        return with(Extension.basicConstraints, true, new BasicConstraints(true));
    }

    Forge ca(int pathLength) {
        return with(Extension.basicConstraints, true, new BasicConstraints(pathLength));
    }

    Forge noCa() {
        return with(Extension.basicConstraints, true, new BasicConstraints(false));
    }

    Forge usage(int bits) {
        return with(Extension.keyUsage, true, new KeyUsage(bits));
    }

    Forge purposes(KeyPurposeId... ids) {
        return with(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(ids));
    }

    Forge dns(String... names) {
        GeneralName[] all = new GeneralName[names.length];
        for (int i = 0; i < names.length; i++) {
            all[i] = new GeneralName(GeneralName.dNSName, names[i]);
        }
        return names(all);
    }

    Forge names(GeneralName... names) {
        return with(Extension.subjectAlternativeName, false, new GeneralNames(names));
    }

    /** The identifiers of the subject's and the issuer's key; the issuer must be known. */
    Forge identified() {
        try {
            JcaX509ExtensionUtils utils = new JcaX509ExtensionUtils();
            with(Extension.subjectKeyIdentifier, false, utils.createSubjectKeyIdentifier(keys.getPublic()));
            KeyPair by = signer != null ? signer : issuer != null ? issuer.keys() : keys;
            return with(Extension.authorityKeyIdentifier, false, utils.createAuthorityKeyIdentifier(by.getPublic()));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Adds an extension, in the place of one of its kind. */
    Forge with(ASN1ObjectIdentifier type, boolean critical, ASN1Encodable value) {
        try {
            return with(type, critical, value.toASN1Primitive().getEncoded());
        } catch (java.io.IOException e) {
            throw new IllegalStateException(e);
        }
    }

    Forge with(ASN1ObjectIdentifier type, boolean critical, byte[] value) {
        without(type);
        extensions.add(new Extension(type, critical, value));
        return this;
    }

    Forge without(ASN1ObjectIdentifier type) {
        extensions.removeIf(extension -> extension.getExtnId().equals(type));
        return this;
    }

    Forge digest(String name) {
        digest = name;
        return this;
    }

    Forge pss() {
        pss = true;
        return this;
    }

    Forge version1() {
        version1 = true;
        return this;
    }

    Forge between(int firstDay, int lastDay) {
        from = Instant.now().plus(Duration.ofDays(firstDay));
        to = Instant.now().plus(Duration.ofDays(lastDay));
        return this;
    }

    Forged make() {
        try {
            KeyPair by = signer != null ? signer : issuer != null ? issuer.keys() : keys;
            X500Name parent = issuerName != null
                    ? issuerName
                    : issuer != null ? issuer.certificate().getSubject() : subject;
            BigInteger serial = BigInteger.valueOf(SERIAL.incrementAndGet());
            SubjectPublicKeyInfo key =
                    SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded());
            ContentSigner content = signer(by);
            if (version1) {
                return new Forged(
                        new X509v1CertificateBuilder(parent, serial, Date.from(from), Date.from(to), subject, key)
                                .build(content),
                        keys);
            }
            X509v3CertificateBuilder builder =
                    new X509v3CertificateBuilder(parent, serial, Date.from(from), Date.from(to), subject, key);
            for (Extension extension : extensions) {
                builder.addExtension(extension);
            }
            X509CertificateHolder holder = builder.build(content);
            return new Forged(holder, keys);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private ContentSigner signer(KeyPair by) throws Exception {
        String algorithm = by.getPrivate().getAlgorithm();
        if (algorithm.startsWith("Ed")) {
            return new JcaContentSignerBuilder("Ed25519").build(by.getPrivate());
        }
        if (pss || algorithm.equals("RSASSA-PSS")) {
            String name = digest.replace("SHA", "SHA-");
            AlgorithmParameterSpec parameters = new PSSParameterSpec(name, "MGF1", new MGF1ParameterSpec(name), 32, 1);
            return new JcaContentSignerBuilder("RSASSA-PSS", parameters)
                    .setProvider(PROVIDER)
                    .build(by.getPrivate());
        }
        return new JcaContentSignerBuilder(digest + "with" + (algorithm.startsWith("EC") ? "ECDSA" : algorithm))
                .setProvider(PROVIDER)
                .build(by.getPrivate());
    }

    /** A new key. */
    static KeyPair keys(String algorithm) {
        try {
            String[] parts = algorithm.split(":", -1);
            KeyPairGenerator generator = KeyPairGenerator.getInstance(parts[0]);
            if (parts[0].equals("EC")) {
                generator.initialize(new ECGenParameterSpec(parts.length > 1 ? parts[1] : "secp256r1"));
            } else if (parts.length > 1) {
                generator.initialize(Integer.parseInt(parts[1]));
            }
            return generator.generateKeyPair();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** The one key under this name in all of the run: RSA keys take their time. */
    static KeyPair shared(String algorithm) {
        return KEYS.computeIfAbsent(algorithm, Forge::keys);
    }
}
