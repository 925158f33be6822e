"""What the badge runs."""

import badge.app

badge.app.main()
