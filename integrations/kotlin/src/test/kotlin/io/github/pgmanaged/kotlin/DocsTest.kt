package io.github.pgmanaged.kotlin

import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.readText
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test

/** What the docs show of Kotlin is code of the tests. */
class DocsTest {
    private fun files(folder: String, end: String): List<Path> =
        Files.walk(Path.of(folder)).use { files -> files.filter { it.toString().endsWith(end) }.toList() }

    private fun words(code: String) = code.trim().replace(Regex("\\s+"), " ")

    @Test
    fun `each snippet is code that is tested`() {
        val sources = files("src/test/kotlin", ".kt").map { words(it.readText()) }
        val fence = Regex("(?s)```kotlin\\n(.*?)```")
        val snippets = files("../../docs", ".md").flatMap { page -> fence.findAll(page.readText()).map { it.groupValues[1] } }
        assertThat(snippets).isNotEmpty.allSatisfy { snippet ->
            assertThat(sources).anySatisfy { source -> assertThat(source).contains(words(snippet)) }
        }
    }

    @Test
    fun `the page names the versions that are tested`() {
        val page = Path.of("../../docs/frameworks.md").readText()
        val versions = Regex("<kotlin[a-z-]*\\.version>([^<]+)<").findAll(Path.of("pom.xml").readText())
        assertThat(versions.map { it.groupValues[1] }.toList()).hasSize(2).allSatisfy { assertThat(page).contains(it) }
    }
}
