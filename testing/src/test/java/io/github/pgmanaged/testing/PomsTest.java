package io.github.pgmanaged.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/** What the build files must say, so that Maven Central takes the artifacts and others can use them. */
class PomsTest {
    private static final Path ROOT = Path.of("..");
    private static final String PARENT = "pgmanaged-parent";
    private static final String BOM = "pgmanaged-bom";

    /** A pom.xml; what it inherits is not in it. */
    private record Pom(Element project) {
        static Pom of(Path folder) throws Exception {
            return new Pom(DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(folder.resolve("pom.xml").toFile())
                    .getDocumentElement());
        }

        /** The text at a path; empty if there is none. */
        String text(String... path) {
            List<Element> found = all(path);
            return found.isEmpty() ? "" : found.get(0).getTextContent().strip();
        }

        List<Element> all(String... path) {
            List<Element> found = List.of(project);
            for (String name : path) {
                found = found.stream()
                        .flatMap(element -> children(element, name).stream())
                        .toList();
            }
            return found;
        }

        String artifact() {
            return text("artifactId");
        }

        boolean isInternal() {
            return text("properties", "pgmanaged.internal").equals("true");
        }
    }

    private static List<Element> children(Element parent, String name) {
        List<Element> found = new ArrayList<>();
        NodeList nodes = parent.getChildNodes();
        for (int i = 0; i < nodes.getLength(); i++) {
            Node node = nodes.item(i);
            if (node instanceof Element element && element.getTagName().equals(name)) {
                found.add(element);
            }
        }
        return found;
    }

    private static List<Pom> modules() throws Exception {
        List<Pom> modules = new ArrayList<>();
        for (Element module : Pom.of(ROOT).all("modules", "module")) {
            modules.add(Pom.of(ROOT.resolve(module.getTextContent().strip())));
        }
        assertThat(modules).isNotEmpty();
        return modules;
    }

    @Test
    void the_bom_lists_all_artifacts_and_nothing_else() throws Exception {
        List<String> artifacts = modules().stream()
                .filter(pom -> !pom.isInternal())
                .map(Pom::artifact)
                .filter(artifact -> !artifact.equals(BOM))
                .toList();
        Pom bom = Pom.of(ROOT.resolve("bom"));
        List<Element> managed = bom.all("dependencyManagement", "dependencies", "dependency");
        assertThat(managed.stream().map(dependency -> first(dependency, "artifactId")))
                .containsExactlyInAnyOrderElementsOf(artifacts);
        assertThat(managed).allSatisfy(dependency -> {
            assertThat(first(dependency, "groupId")).isEqualTo("io.github.pgmanaged");
            assertThat(first(dependency, "version")).isEqualTo("${project.version}");
        });
    }

    private static String first(Element parent, String name) {
        return children(parent, name).get(0).getTextContent().strip();
    }

    /** It has no parent to get these from. */
    @Test
    void the_bom_says_of_the_project_what_the_parent_says() throws Exception {
        Pom parent = Pom.of(ROOT);
        Pom bom = Pom.of(ROOT.resolve("bom"));
        for (String name : List.of(
                "groupId", "version", "url", "inceptionYear", "licenses", "developers", "scm", "issueManagement")) {
            assertThat(bom.text(name)).as(name).isNotEmpty().isEqualTo(parent.text(name));
        }
    }

    /** The plugins of all profiles of a pom, by profile and name, with their versions. */
    private static List<String> releasePlugins(Pom pom) {
        List<String> found = new ArrayList<>();
        for (Element profile : pom.all("profiles", "profile")) {
            for (Element plugin : new Pom(profile).all("build", "plugins", "plugin")) {
                found.add(first(profile, "id") + " " + first(plugin, "artifactId") + " " + first(plugin, "version"));
            }
        }
        return found;
    }

    @Test
    void the_bom_is_signed_and_published_by_the_plugins_of_the_parent() throws Exception {
        List<String> ours = releasePlugins(Pom.of(ROOT.resolve("bom")));
        assertThat(ours).hasSize(2).anyMatch(plugin -> plugin.startsWith("sign maven-gpg-plugin"));
        assertThat(ours).anyMatch(plugin -> plugin.startsWith("release central-publishing-maven-plugin"));
        assertThat(releasePlugins(Pom.of(ROOT))).containsAll(ours);
    }

    @Test
    void what_is_no_artifact_is_kept_out_of_what_is_published() throws Exception {
        List<String> internal =
                modules().stream().filter(Pom::isInternal).map(Pom::artifact).toList();
        List<Element> excluded = Pom.of(ROOT)
                .all(
                        "profiles",
                        "profile",
                        "build",
                        "plugins",
                        "plugin",
                        "configuration",
                        "excludeArtifacts",
                        "excludeArtifact");
        assertThat(excluded.stream().map(element -> element.getTextContent().strip()))
                .containsExactlyInAnyOrderElementsOf(internal);
    }

    @Test
    void every_module_says_what_it_is() throws Exception {
        assertThat(modules()).allSatisfy(pom -> {
            assertThat(pom.text("name")).startsWith(pom.artifact() + ": ");
            assertThat(pom.text("description")).as(pom.artifact()).isNotEmpty();
        });
        assertThat(Pom.of(ROOT).text("name")).startsWith(PARENT + ": ");
    }

    /** Who resolves an artifact finds all that it needs at run time among the artifacts. */
    @Test
    void no_artifact_needs_a_module_that_is_none() throws Exception {
        List<String> internal =
                modules().stream().filter(Pom::isInternal).map(Pom::artifact).toList();
        assertThat(modules().stream().filter(pom -> !pom.isInternal())).allSatisfy(pom -> {
            for (Element dependency : pom.all("dependencies", "dependency")) {
                boolean needed = children(dependency, "scope").isEmpty();
                assertThat(needed && internal.contains(first(dependency, "artifactId")))
                        .as(pom.artifact() + " needs " + first(dependency, "artifactId"))
                        .isFalse();
            }
        });
    }

    /** A version that is being worked on has no date yet; one that is released has its day. */
    @Test
    void the_changelog_has_a_heading_and_a_link_for_the_version() throws Exception {
        Pom parent = Pom.of(ROOT);
        String version = parent.text("version");
        String released = version.replace("-SNAPSHOT", "");
        String when = released.equals(version) ? "\\d{4}-\\d\\d-\\d\\d" : "Unreleased";
        List<String> lines = Files.readAllLines(ROOT.resolve("CHANGELOG.md"));
        assertThat(lines.stream().filter(line -> line.startsWith("## ")).toList())
                .first()
                .isEqualTo("## [Unreleased]");
        assertThat(lines).anyMatch(line -> line.matches("## \\[" + Pattern.quote(released) + "] - " + when));
        String repository = parent.text("scm", "url");
        assertThat(lines)
                .contains("[Unreleased]: " + repository + "/compare/v" + released + "...HEAD")
                .contains("[" + released + "]: " + repository + "/releases/tag/v" + released);
    }
}
