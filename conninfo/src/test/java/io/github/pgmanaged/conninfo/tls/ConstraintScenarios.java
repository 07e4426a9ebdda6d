package io.github.pgmanaged.conninfo.tls;

import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.NameConstraints;

/** Authorities that may issue for some names only: the root, an intermediate, or a leaf for itself. */
final class ConstraintScenarios {
    private final List<Scenario> all = new ArrayList<>();

    private ConstraintScenarios() {}

    static List<Scenario> all() {
        ConstraintScenarios scenarios = new ConstraintScenarios();
        for (boolean permitted : new boolean[] {true, false}) {
            for (GeneralName base : bases()) {
                scenarios.add(permitted, base);
            }
        }
        scenarios.odd();
        return scenarios.all;
    }

    private static GeneralName dns(String name) {
        return new GeneralName(GeneralName.dNSName, name);
    }

    private static GeneralName ip(int... bytes) {
        byte[] content = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            content[i] = (byte) bytes[i];
        }
        return new GeneralName(GeneralName.iPAddress, new DEROctetString(content));
    }

    private static GeneralName directory(String name) {
        return new GeneralName(GeneralName.directoryName, new X500Name(name));
    }

    private static List<GeneralName> bases() {
        return List.of(
                dns("corp.example"),
                dns(".corp.example"),
                dns("db.corp.example"),
                dns("localhost"),
                dns(""),
                ip(10, 0, 0, 0, 255, 0, 0, 0),
                ip(127, 0, 0, 0, 255, 0, 0, 0),
                directory("O=Corp"),
                directory("CN=server"),
                new GeneralName(GeneralName.rfc822Name, "corp.example"),
                new GeneralName(GeneralName.uniformResourceIdentifier, "corp.example"));
    }

    private static List<Forge> leaves() {
        return List.of(
                Forge.bare("CN=server").dns("db.corp.example"),
                Forge.bare("CN=server").dns("localhost"),
                Forge.bare("CN=server").dns("db.corp.example", "localhost"),
                Forge.bare("CN=db.corp.example"),
                Forge.bare("CN=db.bank.example"),
                Forge.bare("CN=*.bank.example"),
                Forge.bare("CN=localhost"),
                Forge.bare("O=Corp,CN=server").names(ip(10, 1, 2, 3)),
                Forge.bare("O=corp,CN=server").names(ip(127, 0, 0, 1)),
                Forge.bare("CN=server,E=me@corp.example").dns("localhost"),
                Forge.bare("CN=server")
                        .names(
                                new GeneralName(GeneralName.uniformResourceIdentifier, "https://corp.example/x"),
                                dns("localhost")));
    }

    private void add(boolean permitted, GeneralName base) {
        NameConstraints constraints = constraints(permitted, base);
        Forged root = Forge.authority("root")
                .with(Extension.nameConstraints, true, constraints)
                .make();
        String text = (permitted ? "only " : "no ") + base;
        int number = 0;
        for (Forge leaf : leaves()) {
            number++;
            all.add(Scenario.of(
                    "a root for " + text + ", leaf " + number,
                    root,
                    leaf.by(root).make()));
        }
        Forged top = Forge.authority("root").make();
        Forged between = Forge.authority("between")
                .with(Extension.nameConstraints, true, constraints)
                .by(top)
                .make();
        all.add(Scenario.of(
                "an intermediate for " + text, top, Forge.leaf().by(between).make(), between));
    }

    private static NameConstraints constraints(boolean permitted, GeneralName base) {
        GeneralSubtree[] trees = {new GeneralSubtree(base)};
        return permitted ? new NameConstraints(trees, null) : new NameConstraints(null, trees);
    }

    private void odd() {
        NameConstraints constraints = constraints(true, dns("corp.example"));
        Forged self =
                Forge.leaf().with(Extension.nameConstraints, true, constraints).make();
        all.add(Scenario.of("a self-signed leaf with constraints that it breaks", self, self));
        Forged root = Forge.authority("root").make();
        Forged bound = Forge.authority("bound")
                .with(Extension.nameConstraints, false, constraints)
                .by(root)
                .make();
        all.add(Scenario.of(
                "constraints that are not critical",
                root,
                Forge.leaf().by(bound).make(),
                bound));
        Forged below = Forge.authority("below").by(bound).make();
        all.add(Scenario.of(
                "constraints further up", root, Forge.leaf().by(below).make(), below, bound));
        Forged fine = Forge.bare("CN=server")
                .dns("localhost", "a.corp.example")
                .by(below)
                .make();
        all.add(Scenario.of("constraints that one of two names breaks", root, fine, below, bound));
        NameConstraints names = constraints(true, directory("O=Corp"));
        Forged corp = Forge.bare("O=Corp,CN=root")
                .ca()
                .with(Extension.nameConstraints, true, names)
                .make();
        Forged stray = Forge.authority("stray").by(corp).make();
        all.add(Scenario.of(
                "an intermediate outside of its directory",
                corp,
                Forge.bare("O=Corp,CN=server").dns("localhost").by(stray).make(),
                stray));
        NameConstraints two = new NameConstraints(
                new GeneralSubtree[] {new GeneralSubtree(dns("localhost")), new GeneralSubtree(dns("corp.example"))},
                new GeneralSubtree[] {new GeneralSubtree(dns("evil.corp.example"))});
        Forged both = Forge.authority("root")
                .with(Extension.nameConstraints, true, two)
                .make();
        for (String name : List.of("localhost", "a.corp.example", "evil.corp.example", "a.evil.corp.example", "bank")) {
            all.add(Scenario.of(
                    "several constraints and " + name,
                    both,
                    Forge.bare("CN=server").dns(name).by(both).make()));
        }
    }
}
