package io.github.pgmanaged.conninfo.tls;

import java.security.KeyPair;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;

/** Paths from a server's certificate to a root, good and bad. */
final class PathScenarios extends Scenarios {
    private static final KeyPurposeId NETSCAPE_GATED =
            KeyPurposeId.getInstance(new ASN1ObjectIdentifier("2.16.840.1.113730.4.1"));
    private static final KeyPurposeId MICROSOFT_GATED =
            KeyPurposeId.getInstance(new ASN1ObjectIdentifier("1.3.6.1.4.1.311.10.3.3"));

    private PathScenarios() {}

    static List<Scenario> all() {
        PathScenarios scenarios = new PathScenarios();
        scenarios.plain();
        scenarios.roots();
        scenarios.purposes();
        scenarios.authorities();
        scenarios.lengths();
        scenarios.order();
        scenarios.sameNames();
        return scenarios.all;
    }

    private void plain() {
        add("a server of a root", root, Forge.leaf().by(root).make());
        add("a server of an intermediate", root, Forge.leaf().by(between).make(), between);
        add("identified keys", root, Forge.leaf().by(root).identified().make());
        add(
                "another root",
                Forge.authority("other").make(),
                Forge.leaf().by(root).make());
        add(
                "another root, and the server sends its own",
                Forge.authority("other").make(),
                Forge.leaf().by(root).make(),
                root);
        add("the intermediate is not sent", root, Forge.leaf().by(between).make());
        add(
                "the intermediate is in the root file",
                List.of(root, between),
                Forge.leaf().by(between).make());
        add(
                "the intermediate alone is in the root file",
                between,
                Forge.leaf().by(between).make());
        add(
                "the intermediate alone is in the root file, and the root is sent",
                between,
                Forge.leaf().by(between).make(),
                between,
                root);
        add(
                "the leaf alone is in the root file",
                Forge.leaf().by(root).make(),
                Forge.leaf().by(root).make());
        Forged leaf = Forge.leaf().by(root).make();
        add("the leaf itself is in the root file", leaf, leaf);
        add("the leaf itself is in the root file, with its root", List.of(leaf, root), leaf);
        Forged self = Forge.leaf().make();
        add("a self-signed server", self, self);
        add("a self-signed server that is not listed", root, self);
        add("a self-signed server, sent twice", self, self, self);
        Forged selfAuthority = Forge.leaf().ca().make();
        add("a self-signed server that is an authority", selfAuthority, selfAuthority);
        add("a leaf that is an authority", root, Forge.leaf().ca().by(root).make());
    }

    private void roots() {
        Forged one = Forge.bare("CN=root").version1().make();
        add("a root of version 1", one, Forge.leaf().by(one).make());
        Forged oneBetween = Forge.authority("between").by(one).make();
        add(
                "a root of version 1, and an intermediate",
                one,
                Forge.leaf().by(oneBetween).make(),
                oneBetween);
        Forged old = Forge.bare("CN=between").version1().by(root).make();
        add("an intermediate of version 1", root, Forge.leaf().by(old).make(), old);
        add(
                "an intermediate of version 1 in the root file",
                List.of(root, old),
                Forge.leaf().by(old).make());
        Forged oldLeaf = Forge.bare("CN=localhost").version1().by(root).make();
        add("a leaf of version 1", root, oldLeaf);
        Forged oldSelf = Forge.bare("CN=localhost").version1().make();
        add("a self-signed leaf of version 1", oldSelf, oldSelf);
        Forged bare = Forge.bare("CN=root").make();
        add("a root without extensions", bare, Forge.leaf().by(bare).make());
        Forged used = Forge.bare("CN=root").usage(KeyUsage.keyCertSign).make();
        add(
                "a root without basic constraints, for certificates",
                used,
                Forge.leaf().by(used).make());
        Forged usedBetween = Forge.authority("between").by(used).make();
        add(
                "a root without basic constraints, and an intermediate",
                used,
                Forge.leaf().by(usedBetween).make(),
                usedBetween);
        Forged other = Forge.bare("CN=root").usage(KeyUsage.digitalSignature).make();
        add(
                "a root without basic constraints, not for certificates",
                other,
                Forge.leaf().by(other).make());
        Forged not = Forge.bare("CN=root").noCa().make();
        add("a root that is no authority", not, Forge.leaf().by(not).make());
        Forged identified = Forge.bare("CN=root").identified().make();
        add(
                "a root with identifiers alone",
                identified,
                Forge.leaf().by(identified).make());
        Forged uncritical = Forge.bare("CN=root")
                .with(Extension.basicConstraints, false, new org.bouncycastle.asn1.x509.BasicConstraints(true))
                .make();
        add(
                "a root with constraints that are not critical",
                uncritical,
                Forge.leaf().by(uncritical).make());
        KeyPair keys = Forge.keys("EC");
        Forged issued = Forge.authority("root")
                .keys(Forge.keys("EC"))
                .by("CN=root", keys)
                .make();
        add(
                "a root that is issued by itself and signed by another key",
                issued,
                Forge.leaf().by(issued).make());
        Forged marked = Forge.authority("root").by("CN=root", keys).identified().make();
        add("the same, with identifiers", marked, Forge.leaf().by(marked).make());
        Forged real = Forge.authority("root").keys(keys).identified().make();
        add(
                "the same, with the other",
                List.of(marked, real),
                Forge.leaf().by(marked).make());
        add("the same, with the other alone", real, Forge.leaf().by(marked).make(), marked);
        Forged selfIssuedLeaf = Forge.leaf().by("CN=server", keys).make();
        add("a leaf issued by itself and signed by another key, listed", selfIssuedLeaf, selfIssuedLeaf);
        Forged namesake = Forge.bare("CN=root").dns("localhost").by(root).make();
        add("a leaf of the root's name", root, namesake);
        Forged namesakeIdentified =
                Forge.bare("CN=root").dns("localhost").by(real).identified().make();
        add("a leaf of the root's name, with identifiers", real, namesakeIdentified);
    }

    private void purposes() {
        KeyPurposeId server = KeyPurposeId.id_kp_serverAuth;
        KeyPurposeId client = KeyPurposeId.id_kp_clientAuth;
        KeyPurposeId mail = KeyPurposeId.id_kp_emailProtection;
        KeyPurposeId any = KeyPurposeId.anyExtendedKeyUsage;
        List<KeyPurposeId[]> sets = List.of(
                new KeyPurposeId[] {server},
                new KeyPurposeId[] {client},
                new KeyPurposeId[] {mail},
                new KeyPurposeId[] {any},
                new KeyPurposeId[] {any, client},
                new KeyPurposeId[] {client, server},
                new KeyPurposeId[] {NETSCAPE_GATED},
                new KeyPurposeId[] {MICROSOFT_GATED});
        for (KeyPurposeId[] ids : sets) {
            String text = Arrays.toString(ids);
            add("a leaf for " + text, root, Forge.leaf().purposes(ids).by(root).make());
            Forged authority = Forge.authority("between").purposes(ids).by(root).make();
            add("an intermediate for " + text, root, Forge.leaf().by(authority).make(), authority);
            add(
                    "an intermediate in the root file for " + text,
                    List.of(root, authority),
                    Forge.leaf().by(authority).make());
            Forged top = Forge.authority("root").purposes(ids).make();
            add("a root for " + text, top, Forge.leaf().by(top).make());
            Forged self = Forge.leaf().purposes(ids).make();
            add("a self-signed leaf for " + text, self, self);
        }
    }

    private void authorities() {
        Forged no = Forge.bare("CN=between").noCa().by(root).make();
        add("an intermediate that is no authority", root, Forge.leaf().by(no).make(), no);
        Forged nothing = Forge.bare("CN=between").by(root).make();
        add(
                "an intermediate without constraints",
                root,
                Forge.leaf().by(nothing).make(),
                nothing);
        Forged signs =
                Forge.bare("CN=between").usage(KeyUsage.keyCertSign).by(root).make();
        add(
                "an intermediate without constraints, for certificates",
                root,
                Forge.leaf().by(signs).make(),
                signs);
        Forged crls =
                Forge.bare("CN=between").ca().usage(KeyUsage.cRLSign).by(root).make();
        add("an intermediate not for certificates", root, Forge.leaf().by(crls).make(), crls);
        Forged rootCrls = Forge.bare("CN=root").ca().usage(KeyUsage.cRLSign).make();
        add("a root not for certificates", rootCrls, Forge.leaf().by(rootCrls).make());
        Forged free = Forge.bare("CN=between").ca().by(root).make();
        add("an intermediate without usage", root, Forge.leaf().by(free).make(), free);
        Forged another = Forge.leaf().by(root).make();
        add("a leaf signed by a leaf", root, Forge.leaf().by(another).make(), another);
        Forged listed = Forge.leaf().by(root).make();
        add(
                "a leaf signed by a leaf that is listed",
                List.of(root, listed),
                Forge.leaf().by(listed).make());
    }

    private void lengths() {
        for (int limit : new int[] {0, 1}) {
            Forged top = Forge.bare("CN=root").ca(limit).make();
            add("a root of length " + limit, top, Forge.leaf().by(top).make());
            Forged one = Forge.authority("one").by(top).make();
            add(
                    "a root of length " + limit + " and an intermediate",
                    top,
                    Forge.leaf().by(one).make(),
                    one);
            Forged two = Forge.authority("two").by(one).make();
            add(
                    "a root of length " + limit + " and two intermediates",
                    top,
                    Forge.leaf().by(two).make(),
                    two,
                    one);
            Forged limited = Forge.bare("CN=one").ca(limit).by(root).make();
            Forged below = Forge.authority("two").by(limited).make();
            add(
                    "an intermediate of length " + limit + " and one below",
                    root,
                    Forge.leaf().by(below).make(),
                    below,
                    limited);
            Forged last = Forge.authority("three").by(below).make();
            add(
                    "an intermediate of length " + limit + " and two below",
                    root,
                    Forge.leaf().by(last).make(),
                    last,
                    below,
                    limited);
            Forged again = Forge.bare("CN=root")
                    .ca()
                    .keys(Forge.keys("EC"))
                    .by(top)
                    .identified()
                    .make();
            add(
                    "a root of length " + limit + " and one of its own name",
                    top,
                    Forge.leaf().by(again).make(),
                    again);
            add(
                    "a leaf that is an authority below a root of length " + limit,
                    top,
                    Forge.leaf().ca().by(one).make(),
                    one);
        }
        Forged authority = root;
        List<Forged> chain = new ArrayList<>();
        for (int i = 1; i <= 14; i++) {
            authority = Forge.authority("number " + i).by(authority).make();
            chain.add(0, authority);
            if (i == 4 || i == 5 || i == 6 || i == 9 || i == 10 || i == 14) {
                add(
                        "a chain of " + i + " intermediates",
                        root,
                        Forge.leaf().by(authority).make(),
                        chain.toArray(new Forged[0]));
                List<Forged> trusted = new ArrayList<>(chain);
                trusted.add(root);
                add(
                        "a chain of " + i + " intermediates in the root file",
                        trusted,
                        Forge.leaf().by(authority).make());
            }
        }
    }

    private void order() {
        Forged two = Forge.authority("two").by(between).make();
        Forged leaf = Forge.leaf().by(two).make();
        add("the chain in order", root, leaf, two, between);
        add("the chain in order with the root", root, leaf, two, between, root);
        add("the chain in disorder", root, leaf, between, two);
        add("the chain in disorder with the root", root, leaf, root, between, two);
        add("a chain with a hole", root, leaf, two);
        add(
                "a chain with strangers",
                root,
                leaf,
                Forge.authority("stranger").make(),
                two,
                Forge.leaf().by(root).make(),
                between);
        add("a chain with doubles", root, leaf, two, two, between, between);
        add(
                "strangers alone",
                root,
                Forge.leaf().by(root).make(),
                Forge.authority("stranger").make());
        add(
                "roots and strangers",
                List.of(
                        Forge.authority("stranger").make(),
                        root,
                        Forge.authority("other").make()),
                leaf,
                two,
                between);
    }

    private void sameNames() {
        Forged twin = Forge.authority("root").make();
        Forged leaf = Forge.leaf().by(root).make();
        add("two roots of one name, the right one first", List.of(root, twin), leaf);
        add("two roots of one name, the right one last", List.of(twin, root), leaf);
        Forged marked = Forge.authority("root").identified().make();
        Forged markedTwin = Forge.authority("root").identified().make();
        Forged markedLeaf = Forge.leaf().by(marked).identified().make();
        add("two identified roots of one name, the right one first", List.of(marked, markedTwin), markedLeaf);
        add("two identified roots of one name, the right one last", List.of(markedTwin, marked), markedLeaf);
        add("an identified twin alone", markedTwin, markedLeaf);
        Forged falseTwin = Forge.authority("root").make();
        add("a twin sent along", root, leaf, falseTwin);
        add("the twin listed, the root sent along", twin, leaf, root);
        Forged other = Forge.authority("other").make();
        Forged crossed = Forge.authority("root").keys(root.keys()).by(other).make();
        add("a root crossed by another that is listed", other, leaf, crossed);
        add("a root crossed by another, both listed", List.of(root, other), leaf, crossed);
        add("a root crossed by another, itself listed", root, leaf, crossed);
        add("a crossed root listed alone", crossed, leaf);
        Forged unknown = Forge.authority("unknown").make();
        Forged crossedBetween =
                Forge.authority("between").keys(between.keys()).by(unknown).make();
        Forged below = Forge.leaf().by(between).make();
        add("a crossed intermediate, the good one first", root, below, between, crossedBetween);
        add("a crossed intermediate, the good one last", root, below, crossedBetween, between);
        Forged narrow = Forge.authority("root")
                .keys(root.keys())
                .purposes(KeyPurposeId.id_kp_clientAuth)
                .make();
        add("a narrow and a broad root of one key", List.of(narrow, root), leaf);
        add("a broad and a narrow root of one key", List.of(root, narrow), leaf);
        Forged shouting = Forge.bare("CN=ROOT").ca().keys(root.keys()).make();
        add("a root's name in other letters", shouting, leaf);
        Forged spaced = Forge.bare("CN=  root ").ca().keys(root.keys()).make();
        add("a root's name with blanks", spaced, leaf);
    }
}
