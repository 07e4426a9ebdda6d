package io.github.pgmanaged.kotlin

import java.io.ByteArrayOutputStream
import java.io.PrintStream
import java.nio.file.Path
import kotlin.io.path.writeText
import org.assertj.core.api.Assertions.assertThat
import org.jetbrains.kotlin.cli.common.ExitCode
import org.jetbrains.kotlin.cli.jvm.K2JVMCompiler
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** What Kotlin's compiler must refuse: the API's types say what can be null. */
class TypesTest {
    @TempDir
    lateinit var folder: Path

    private fun compile(code: String): Pair<ExitCode, String> {
        val file = folder.resolve("Snippet.kt")
        file.writeText("import io.github.pgmanaged.*\nimport io.github.pgmanaged.kotlin.*\n$code\n")
        val output = ByteArrayOutputStream()
        val exit =
            K2JVMCompiler()
                .exec(
                    PrintStream(output, true),
                    "-no-stdlib",
                    "-no-reflect",
                    "-cp",
                    System.getProperty("java.class.path"),
                    "-d",
                    folder.resolve("classes").toString(),
                    file.toString(),
                )
        return exit to output.toString()
    }

    @Test
    fun `what may be null is null where that is allowed`() {
        val (exit, output) = compile("fun work(manager: ManagedConnection): String? = manager.tx { null }")
        assertThat(exit).`as`(output).isEqualTo(ExitCode.OK)
    }

    @Test
    fun `null elsewhere is refused, suspending inside a lease, and a lambda whose exception is not named`() {
        val (exit, output) =
            compile(
                """
                fun work(manager: ManagedConnection): String = manager.tx { null }
                fun plain(manager: ManagedConnection): String = manager.inTransaction<String, Exception> { null }
                fun argument(manager: ManagedConnection) = manager.revoke(null)
                suspend fun wait() {}
                suspend fun suspending(manager: ManagedConnection) = manager.tx { wait() }
                fun inferred(manager: ManagedConnection): Int = manager.inTransaction { 1 }
                """.trimIndent(),
            )
        assertThat(exit).isEqualTo(ExitCode.COMPILATION_ERROR)
        assertThat(output.lines().filter { "error: null cannot be" in it }).hasSize(3)
        assertThat(output)
            .contains("suspension functions can only be called")
            .contains("cannot infer type for type parameter 'X'")
    }
}
