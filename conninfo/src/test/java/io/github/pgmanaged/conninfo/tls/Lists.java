package io.github.pgmanaged.conninfo.tls;

import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Revocation lists. */
final class Lists {
    private Lists() {}

    static String of(Forged authority, Forged... revoked) {
        try {
            Instant now = Instant.now();
            X509v2CRLBuilder list = new X509v2CRLBuilder(
                    authority.certificate().getSubject(), Date.from(now.minus(Duration.ofDays(1))));
            list.setNextUpdate(Date.from(now.plus(Duration.ofDays(1))));
            for (Forged one : revoked) {
                list.addCRLEntry(
                        one.certificate().getSerialNumber(), Date.from(now.minusSeconds(60)), CRLReason.keyCompromise);
            }
            return Forged.pem(
                    "X509 CRL",
                    list.build(new JcaContentSignerBuilder("SHA256withECDSA")
                                    .build(authority.keys().getPrivate()))
                            .getEncoded());
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
