/** What Spring Boot 3.5 has in other packages than Boot 4. */
@NullMarked
package io.github.pgmanaged.spring.boot3;

import org.jspecify.annotations.NullMarked;
