"""Foreign names and layouts: ISO/IEC 19794, OSIA, images, the record container; nobody else knows them."""
