package io.github.pgmanaged.conninfo;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.nio.file.Path;
import java.util.Map;

/** The functions of libpq that the tests call, under their C names; strings go in as UTF-8. */
@SuppressWarnings("MemberName")
interface LibpqApi extends Library {
    Path FILE = LibpqArchive.unpack();

    /** RTLD_LAZY, and not global: there may be two libpqs in the process. */
    int LAZY = 1;

    static LibpqApi load() {
        return load(FILE);
    }

    static LibpqApi load(Path file) {
        return Native.load(
                file.toString(),
                LibpqApi.class,
                Map.of(Library.OPTION_STRING_ENCODING, "UTF-8", Library.OPTION_OPEN_FLAGS, LAZY));
    }

    int PQlibVersion();

    Pointer PQconninfoParse(String conninfo, PointerByReference error);

    Pointer PQconndefaults();

    Pointer PQconninfo(Pointer connection);

    void PQconninfoFree(Pointer options);

    void PQfreemem(Pointer memory);

    Pointer PQconnectStart(String conninfo);

    Pointer PQconnectStartParams(String[] keywords, String[] values, int expandDbname);

    Pointer PQconnectdb(String conninfo);

    int PQresetStart(Pointer connection);

    int PQstatus(Pointer connection);

    Pointer PQerrorMessage(Pointer connection);

    Pointer PQhost(Pointer connection);

    Pointer PQport(Pointer connection);

    Pointer PQuser(Pointer connection);

    Pointer PQdb(Pointer connection);

    Pointer PQpass(Pointer connection);

    void PQfinish(Pointer connection);

    Pointer PQexec(Pointer connection, String query);

    Pointer PQresultErrorMessage(Pointer result);

    int PQntuples(Pointer result);

    int PQnfields(Pointer result);

    int PQgetisnull(Pointer result, int row, int column);

    Pointer PQgetvalue(Pointer result, int row, int column);

    void PQclear(Pointer result);
}
