package io.github.pgmanaged.conninfo.internal.tls;

import java.io.StringWriter;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.IssuingDistributionPoint;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.jcajce.JcaMiscPEMGenerator;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.bouncycastle.openssl.jcajce.JcePEMEncryptorBuilder;
import org.bouncycastle.operator.OutputEncryptor;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemObjectGenerator;
import org.bouncycastle.util.io.pem.PemWriter;

/** Certificates, keys and revocation lists for tests, and the files' formats. */
public final class TestCertificates {
    private static final AtomicLong SERIAL = new AtomicLong(1000);
    private static final Duration DAY = Duration.ofDays(1);
    private static final int NO_AUTHORITY = -1;
    private static final int ANY_USAGE = 0;

    private TestCertificates() {}

    /** A certificate and its key. */
    public record Identity(X509Certificate certificate, KeyPair keys) {
        public String pem() throws Exception {
            return TestCertificates.pem(new JcaMiscPEMGenerator(certificate));
        }

        public PrivateKey key() {
            return keys.getPrivate();
        }

        /** That of a server with this certificate. */
        public SSLContext server() throws Exception {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("server", key(), new char[0], new Certificate[] {certificate});
            KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            managers.init(store, new char[0]);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(managers.getKeyManagers(), null, null);
            return context;
        }
    }

    /** An identity that issues others. */
    public record Authority(Identity identity) {
        public static Authority root(String name) throws Exception {
            return root(name, DAY);
        }

        public static Authority root(String name, Duration life) throws Exception {
            KeyPair keys = keys("EC");
            return new Authority(issue(name, keys, name, keys, life, ANY_USAGE));
        }

        public Authority intermediate(String name) throws Exception {
            return new Authority(issue(name, keys("EC"), name(), identity.keys(), DAY, ANY_USAGE));
        }

        /** One that may sign certificates, but no lists. */
        public Authority intermediateWithoutLists(String name) throws Exception {
            return new Authority(issue(name, keys("EC"), name(), identity.keys(), DAY, KeyUsage.keyCertSign));
        }

        public Identity leaf(String name, String algorithm, String... dnsNames) throws Exception {
            return issue(name, keys(algorithm), name(), identity.keys(), DAY, NO_AUTHORITY, dnsNames);
        }

        /** A list of what this authority revoked. */
        public String revocationList(Identity... revoked) throws Exception {
            return revocationList(DAY, revoked);
        }

        public String revocationList(Duration life, Identity... revoked) throws Exception {
            return revocationList(life, false, revoked);
        }

        /** A list that says that it is of users' certificates alone. */
        public String partialRevocationList() throws Exception {
            return revocationList(DAY, true);
        }

        private String revocationList(Duration life, boolean partial, Identity... revoked) throws Exception {
            Instant now = Instant.now();
            X509v2CRLBuilder list =
                    new X509v2CRLBuilder(new X500Name("CN=" + name()), Date.from(now.minus(DAY.multipliedBy(3))));
            list.setNextUpdate(Date.from(now.plus(life)));
            if (partial) {
                list.addExtension(
                        Extension.issuingDistributionPoint,
                        true,
                        new IssuingDistributionPoint(null, true, false, null, false, false));
            }
            for (Identity one : revoked) {
                list.addCRLEntry(
                        one.certificate().getSerialNumber(), Date.from(now.minus(DAY)), CRLReason.keyCompromise);
            }
            var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(identity.key());
            return TestCertificates.pem(
                    new PemObject("X509 CRL", list.build(signer).getEncoded()));
        }

        public String pem() throws Exception {
            return identity.pem();
        }

        private String name() {
            return identity.certificate().getSubjectX500Principal().getName().substring("CN=".length());
        }
    }

    /** A certificate that nobody but itself issued, and that is no authority. */
    public static Identity selfSigned(String name, String... dnsNames) throws Exception {
        KeyPair keys = keys("EC");
        return issue(name, keys, name, keys, DAY, NO_AUTHORITY, dnsNames);
    }

    public static KeyPair keys(String algorithm) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        if (!algorithm.startsWith("Ed")) {
            generator.initialize(algorithm.equals("EC") ? 256 : 2048);
        }
        return generator.generateKeyPair();
    }

    private static Identity issue(
            String name, KeyPair keys, String issuer, KeyPair by, Duration life, int usage, String... dnsNames)
            throws Exception {
        Instant now = Instant.now();
        X509v3CertificateBuilder certificate = new JcaX509v3CertificateBuilder(
                new X500Name("CN=" + issuer),
                BigInteger.valueOf(SERIAL.incrementAndGet()),
                Date.from(now.minus(DAY.multipliedBy(2))),
                Date.from(now.plus(life)),
                new X500Name("CN=" + name),
                keys.getPublic());
        if (usage != NO_AUTHORITY) {
            certificate.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
        }
        if (usage > 0) {
            certificate.addExtension(Extension.keyUsage, true, new KeyUsage(usage));
        }
        if (dnsNames.length > 0) {
            GeneralName[] names = new GeneralName[dnsNames.length];
            for (int i = 0; i < names.length; i++) {
                names[i] = new GeneralName(GeneralName.dNSName, dnsNames[i]);
            }
            certificate.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
        }
        var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(by.getPrivate());
        return new Identity(new JcaX509CertificateConverter().getCertificate(certificate.build(signer)), keys);
    }

    public static String pkcs8(PrivateKey key) throws Exception {
        return pem(new JcaPKCS8Generator(key, null));
    }

    public static String encryptedPkcs8(PrivateKey key, String password) throws Exception {
        OutputEncryptor encryptor = new JceOpenSSLPKCS8EncryptorBuilder(JcaPKCS8Generator.AES_256_CBC)
                .setProvider(new BouncyCastleProvider())
                .setPRF(new AlgorithmIdentifier(PKCSObjectIdentifiers.id_hmacWithSHA256, DERNull.INSTANCE))
                .setPassword(password.toCharArray())
                .build();
        return pem(new JcaPKCS8Generator(key, encryptor));
    }

    /** PKCS#1, or SEC1 as OpenSSL writes it, with its curve. */
    public static String traditional(PrivateKey key) throws Exception {
        if (key instanceof ECPrivateKey ec) {
            var curve = SECObjectIdentifiers.secp256r1;
            byte[] sec1 = new org.bouncycastle.asn1.sec.ECPrivateKey(256, ec.getS(), curve).getEncoded();
            return pem(new PemObject("EC PARAMETERS", curve.getEncoded())) + pem(new PemObject("EC PRIVATE KEY", sec1));
        }
        byte[] pkcs1 = PrivateKeyInfo.getInstance(key.getEncoded())
                .parsePrivateKey()
                .toASN1Primitive()
                .getEncoded();
        return pem(new PemObject("RSA PRIVATE KEY", pkcs1));
    }

    public static String encryptedTraditional(PrivateKey key, String password) throws Exception {
        return pem(new JcaMiscPEMGenerator(
                key,
                new JcePEMEncryptorBuilder("AES-256-CBC")
                        .setProvider(new BouncyCastleProvider())
                        .build(password.toCharArray())));
    }

    private static String pem(PemObjectGenerator object) throws Exception {
        StringWriter text = new StringWriter();
        try (PemWriter writer = new PemWriter(text)) {
            writer.writeObject(object);
        }
        return text.toString();
    }
}
