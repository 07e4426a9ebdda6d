package io.github.pgmanaged.kotlin

import io.github.pgmanaged.Lease
import io.github.pgmanaged.ManagedConnection
import io.github.pgmanaged.OpenTransactionException
import io.github.pgmanaged.ReentrantAcquireException
import io.github.pgmanaged.testing.TestDatabase
import java.io.IOException
import java.sql.SQLException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatThrownBy
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.extension.RegisterExtension

/** The API as Kotlin sees it. That this compiles is a part of the test. */
class KotlinTest {
    companion object {
        @JvmField
        @RegisterExtension
        val DB = TestDatabase()
    }

    private val manager: ManagedConnection = DB.closing(ManagedConnection.of(DB.conninfo()))

    private fun Lease.insert(key: String) = TestDatabase.insert(this, key)

    private fun count(lease: Lease): Int =
        lease.prepareStatement("SELECT count(*) FROM example").use { statement ->
            statement.executeQuery().use { rows ->
                rows.next()
                rows.getInt(1)
            }
        }

    @Test
    fun `inTransaction returns what the lambda returns`() {
        val count: Int = manager.tx { lease ->
            lease.insert("kept")
            count(lease)
        }
        assertThat(count).isEqualTo(1)
        assertThat(DB.rows()).isEqualTo(1)
    }

    @Test
    fun `a result may be null and is then nullable`() {
        val value: String? = manager.tx { lease ->
            lease.prepareStatement("SELECT NULL").use { statement ->
                statement.executeQuery().use { rows ->
                    rows.next()
                    rows.getString(1)
                }
            }
        }
        assertThat(value).isNull()
    }

    @Test
    fun `statements and rows are closed by use`() {
        val answer = manager.inTransaction<Int, SQLException> { connection ->
            connection.createStatement().use { statement ->
                statement.executeQuery("SELECT 42").use { rows -> rows.next(); rows.getInt(1) }
            }
        }
        assertThat(answer).isEqualTo(42)
    }

    @Test
    fun `without the extension the types are named, since Kotlin infers no exceptions`() {
        val count = manager.inTransaction<Int, SQLException> { count(it) }
        val value: String? = manager.withConnection<String?, SQLException> { lease ->
            lease.commit()
            null
        }
        manager.useTransaction<SQLException> { it.insert("kept") }
        assertThat(count).isZero()
        assertThat(value).isNull()
        assertThat(DB.rows()).isEqualTo(1)
    }

    @Test
    fun `an exception passes unwrapped, and what was done is undone`() {
        assertThatThrownBy {
            manager.tx { lease ->
                lease.insert("undone")
                throw IOException("the disk is full")
            }
        }.isInstanceOf(IOException::class.java)
        assertThat(DB.rows()).isZero()
    }

    @Test
    fun `use closes a lease, and reports a transaction left open`() {
        assertThatThrownBy {
            manager.acquire().use { lease -> lease.insert("undone") }
        }.isInstanceOf(OpenTransactionException::class.java)
        assertThat(manager.holder()).isEmpty()
    }

    @Test
    fun `a second lease in a thread fails at once`() {
        assertThatThrownBy { manager.tx { manager.tx { count(it) } } }
            .isInstanceOf(ReentrantAcquireException::class.java)
    }

    private val database = Dispatchers.IO.limitedParallelism(1)

    private suspend fun place(key: String): Int =
        withContext(database) {
            manager.tx { lease ->
                lease.insert(key)
                count(lease)
            }
        }

    @Test
    fun `coroutines wait for their turn without a thread each`() {
        val counts = runBlocking { (1..50).map { async { place("order $it") } }.awaitAll() }
        assertThat(counts).containsExactlyElementsOf(1..50)
        assertThat(manager.stats().waits()).isZero()
        assertThat(DB.sessions()).isEqualTo(1)
    }
}
