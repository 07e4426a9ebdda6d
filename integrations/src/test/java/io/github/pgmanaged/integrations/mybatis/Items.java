package io.github.pgmanaged.integrations.mybatis;

import java.util.List;
import org.apache.ibatis.annotations.Insert;
import org.apache.ibatis.annotations.Select;
import org.apache.ibatis.cursor.Cursor;

/** A mapper. */
interface Items {
    @Insert("INSERT INTO example VALUES (#{key}, '1')")
    int insert(String key);

    @Select("SELECT key FROM example ORDER BY key")
    List<String> keys();

    @Select("SELECT key FROM example ORDER BY key")
    Cursor<String> cursor();
}
