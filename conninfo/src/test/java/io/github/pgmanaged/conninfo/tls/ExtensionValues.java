package io.github.pgmanaged.conninfo.tls;

import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.PolicyInformation;

/** A value of each type of extension that harms nobody. */
final class ExtensionValues {
    private ExtensionValues() {}

    static byte[] of(ASN1ObjectIdentifier type, byte[] otherwise) {
        try {
            ASN1Encodable value = value(type);
            return value == null ? otherwise : value.toASN1Primitive().getEncoded();
        } catch (java.io.IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ASN1Encodable value(ASN1ObjectIdentifier type) {
        GeneralNames names = new GeneralNames(new GeneralName(GeneralName.dNSName, "localhost"));
        if (type.equals(Extension.cRLDistributionPoints)) {
            GeneralNames where =
                    new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, "http://localhost/crl"));
            return new CRLDistPoint(
                    new DistributionPoint[] {new DistributionPoint(new DistributionPointName(where), null, null)});
        }
        if (type.equals(Extension.certificatePolicies)) {
            return new DERSequence(new PolicyInformation(new ASN1ObjectIdentifier("1.3.6.1.4.1.99999.2")));
        }
        if (type.equals(Extension.policyConstraints)) {
            return new DERSequence(new DERTaggedObject(false, 0, new ASN1Integer(0)));
        }
        if (type.equals(Extension.inhibitAnyPolicy)) {
            return new ASN1Integer(0);
        }
        if (type.equals(Extension.subjectKeyIdentifier)) {
            return new DEROctetString(new byte[] {1, 2, 3});
        }
        if (type.equals(Extension.authorityInfoAccess)) {
            return new AuthorityInformationAccess(
                    AccessDescription.id_ad_ocsp,
                    new GeneralName(GeneralName.uniformResourceIdentifier, "http://localhost/ocsp"));
        }
        if (type.equals(Extension.extendedKeyUsage)) {
            return new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth);
        }
        if (type.equals(Extension.subjectAlternativeName) || type.equals(Extension.issuerAlternativeName)) {
            return names;
        }
        return null;
    }
}
